use super::*;
use crate::event::{Event, Executable, FrameKind, Known, Outcome, SyscallEvent};
use crate::ids::{Addr, Goid};
use crate::sink::blocked::tests::{begun, call, in_stack};
use crate::sink::context::tests::frame;
use std::io::Read;

fn written(events: impl IntoIterator<Item = SyscallEvent>) -> (Vec<u8>, Profile) {
    let mut out = Vec::new();
    let mut sink = sink(&mut out, false);
    let mut first = begun();
    if let Event::Begun(begun) = &mut first {
        begun.processes[0].executable = Some(Executable {
            path: "/srv/bin/demo".into(),
            start: Addr(0x400000),
            end: Addr(0x500000),
            offset: 0x1000,
            build_id: Some("abcd".into()),
        });
    }
    sink.event(&first).unwrap();
    for event in events {
        sink.event(&Event::Syscall(Box::new(event))).unwrap();
    }
    sink.finish(&Summary::default()).unwrap();
    drop(sink);
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&*out)
        .read_to_end(&mut bytes)
        .unwrap();
    let profile = Profile::decode(&*bytes).unwrap();
    (out, profile)
}

fn text(profile: &Profile, place: i64) -> &str {
    &profile.string_table[usize::try_from(place).unwrap()]
}

/// The names of a sample's functions, the lines of one location joined by `<`.
fn names(profile: &Profile, sample: &Sample) -> Vec<String> {
    let function = |id: u64| &profile.function[usize::try_from(id).unwrap() - 1];
    let ids = sample.location_id.iter();
    ids.map(|id| {
        let location = &profile.location[usize::try_from(*id).unwrap() - 1];
        assert_eq!(location.id, *id);
        let lines = location.line.iter();
        let names: Vec<_> = lines
            .map(|line| text(profile, function(line.function_id).name))
            .collect();
        names.join("<")
    })
    .collect()
}

#[test]
fn inlined_frames_share_the_location_of_the_one_that_holds_them() {
    let (bytes, profile) = written([
        call(1, 0, 5, Outcome::Returned(0)),
        call(1, 10, 17, Outcome::Blocked),
    ]);
    assert!(is_ours(&bytes));
    assert!(!is_ours(b"\x1f\x8b\x08\0\0\0\0\0\0\0gostrace\0"));
    assert_eq!(profile.string_table[0], "");
    let [sample] = &profile.sample[..] else {
        panic!("{profile:?}");
    };
    assert_eq!(sample.value, [2, 12]);
    assert_eq!(
        names(&profile, sample),
        ["syscall.read<main.(*store).flush", "main.worker"]
    );
    let addresses: Vec<_> = profile.location.iter().map(|l| l.address).collect();
    assert_eq!(
        addresses,
        [0x401000, 0x400fff],
        "the call, not what is behind it"
    );
    assert!(profile.location.iter().all(|l| l.mapping_id == 1));
    assert_eq!(profile.location[0].line[0].line, 736);
    let labels: Vec<_> = sample
        .label
        .iter()
        .map(|l| (text(&profile, l.key), text(&profile, l.str), l.num))
        .collect();
    assert_eq!(
        labels,
        [
            ("process", "demo", 0),
            ("call", "read", 0),
            ("class", "user", 0),
            ("goroutine", "", 17),
        ]
    );
    let types: Vec<_> = profile
        .sample_type
        .iter()
        .map(|t| (text(&profile, t.r#type), text(&profile, t.unit)))
        .collect();
    assert_eq!(types, [("calls", "count"), ("blocked", "nanoseconds")]);
    assert_eq!(text(&profile, profile.default_sample_type), "blocked");
    assert_eq!(text(&profile, profile.mapping[0].build_id), "abcd");
    assert_eq!(profile.time_nanos, 1_700_000_000_001_000_000);
    assert!(text(&profile, profile.comment[1]).starts_with("12ns in 2 calls over "));
}

#[test]
fn goroutines_are_told_apart_and_no_goroutine_has_no_label() {
    let of = |goid| {
        let mut e = call(1, goid * 10, goid * 10 + 1, Outcome::Returned(0));
        if let Known::Is(g) = &mut e.go.goroutine {
            g.goid = Goid(goid);
        }
        e
    };
    let (_, profile) = written([of(0), of(3), of(4), of(4)]);
    let found: Vec<_> = profile
        .sample
        .iter()
        .map(|s| (s.label.iter().map(|l| l.num).max().unwrap(), s.value[0]))
        .collect();
    assert_eq!(found, [(0, 1), (3, 1), (4, 2)]);
}

#[test]
fn frames_that_are_not_go_or_not_known_are_marked() {
    let mut e = in_stack(call(1, 0, 5, Outcome::Returned(0)), "user", &[]);
    if let Known::Is(stack) = &mut e.go.stack {
        stack.frames = vec![
            frame("poll", "libc.so.6", 0, FrameKind::Native),
            frame("", "", 0, FrameKind::Native),
            frame("main.f", "/src/a.go", 3, FrameKind::Guessed),
            frame("main.g", "/src/a.go", 4, FrameKind::Inlined),
        ];
        stack.end = crate::event::StackEnd::Broken("no frame".into());
    }
    let (_, profile) = written([e]);
    assert_eq!(
        names(&profile, &profile.sample[0]),
        [
            "poll (C)",
            "0x401000 (C)",
            "main.f (guessed)",
            "main.g",
            "(unknown from here: no frame)"
        ]
    );
    let gap = profile.location.last().unwrap();
    assert_eq!((gap.address, gap.mapping_id), (0, 0));
}
