//! Names that are kept from one call to the next: never a moment longer than they hold.

#![allow(clippy::unwrap_used)]

mod support;

use support::run::{Running, gostrace};
use support::{SOON, scratch};

#[test]
fn a_descriptor_that_is_opened_anew_has_its_new_name_at_once() {
    const ROUNDS: usize = 200;
    let dir = scratch("kept-names");
    for letter in ["a", "b"] {
        std::fs::write(dir.join(letter), format!("{letter}\n")).unwrap();
    }
    // Reads the letter and the line break one by one, by descriptor 0.
    let script = format!(
        "i=0; while [ $i -lt {ROUNDS} ]; do read x <a; read x <b; i=$((i+1)); done; echo x | read y"
    );
    let file = dir.join("trace");
    let mut tracer = gostrace(&["-q", "-e", "read", "-o", file.to_str().unwrap(), "--"]);
    tracer.args(["sh", "-c", &script]).current_dir(&dir);
    let output = Running::start(&mut tracer).wait(SOON);
    assert!(output.status.success(), "{output:#?}");
    let text = std::fs::read_to_string(&file).unwrap();
    for letter in ["a", "b"] {
        let named = format!("read(0<{}>, ", dir.join(letter).display());
        let read = text.lines().filter_map(|line| line.split_once(&named));
        let read: Vec<_> = read.map(|(_, rest)| &rest[..3]).collect();
        let own = format!("\"{letter}\"");
        assert_eq!(read.len(), 2 * ROUNDS, "{text}");
        assert!(read.iter().all(|r| *r == own || *r == "\"\\n"), "{text}");
    }
}
