//! The wait classes for people: `--class help` and the man page, both from the table.

use crate::event::WaitClass;
use crate::golang::class::classes;
use std::fmt::Write as _;

/// Columns of a terminal.
pub(super) const WIDTH: usize = 80;

/// Whether `--class` asks for the table.
pub(super) fn is_help(lists: &[String]) -> bool {
    let mut words = lists.iter().flat_map(|list| list.split(','));
    words.any(|word| word.trim() == "help")
}

/// A line or more for each class: id, `hidden` or not, explanation.
pub(super) fn table() -> String {
    let all: Vec<WaitClass> = classes().collect();
    let id_width = all.iter().map(|c| c.id.len()).max().unwrap_or(0);
    let mut out = format!("{:id_width$}          meaning\n", "class");
    let indent = id_width + 10;
    for class in &all {
        let hidden = if class.parked { "hidden" } else { "" };
        let mut lines = wrapped(class.explanation, WIDTH - indent).into_iter();
        let first = lines.next().unwrap_or_default();
        // Writing into a String cannot fail; here and below.
        let _ = writeln!(out, "{:id_width$}  {hidden:6}  {first}", class.id);
        for line in lines {
            let _ = writeln!(out, "{:indent$}{line}", "");
        }
    }
    out.push_str(NOTE);
    out
}

const NOTE: &str = "
With --slow, what is hidden is counted but not shown: it is the Go runtime keeping threads
that have nothing to do. --show-parked shows all, --class CLASS[,CLASS...] those named.
";

/// The section of the man page, in roff.
pub(super) fn man_section() -> String {
    let mut out = String::from(
        ".SH WAIT CLASSES\n\
         What kind of wait a call is, told from the functions on its Go stack. \
         \\fB\\-\\-class\\fR selects by it;\n\
         those marked hidden are not shown under \\fB\\-\\-slow\\fR unless asked for, but counted. \
         \\fB\\-\\-class help\\fR prints this table.\n",
    );
    for class in classes() {
        let hidden = if class.parked { " (hidden)" } else { "" };
        let id = class.id.replace('-', "\\-");
        let text = class.explanation.replace('-', "\\-");
        let _ = write!(out, ".TP\n.BR {id} \"{hidden}\"\n{text}\n");
    }
    out
}

/// Words in lines of at most `width` characters, a longer word by itself.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_stands_in_the_table_and_the_man_page_with_its_whole_sentence() {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (table, man) = (words(&table()), words(&man_section().replace('\\', "")));
        for class in classes() {
            let hidden = if class.parked { "hidden " } else { "" };
            let row = format!("{} {hidden}{}", class.id, class.explanation);
            assert!(table.contains(&row), "{row}\n{table}");
            let entry = if class.parked { "(hidden)\" " } else { "\"\" " };
            assert!(
                man.contains(&format!("{entry}{}", class.explanation)),
                "{man}"
            );
        }
    }

    #[test]
    fn the_table_fits_a_terminal() {
        let table = table();
        let rows = table.split("\n\n").next().unwrap();
        assert!(rows.lines().all(|line| line.len() <= WIDTH), "{table}");
    }
}
