//! What lines of strace look like, whatever the numbers in them.

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A trace, by what its lines look like.
#[derive(Default)]
pub struct Trace {
    /// How many lines it has.
    pub lines: usize,
    /// What does not fit together: calls that go on without having begun, or are never ended.
    pub torn: Vec<String>,
    /// The shapes, each with the first line of it.
    shapes: BTreeMap<String, String>,
}

impl Trace {
    /// Takes a trace made with `-f -o`.
    pub fn parse(text: &str) -> Trace {
        let shaper = Shaper::new();
        let mut trace = Trace::default();
        let mut open: HashMap<&str, String> = HashMap::new();
        for line in text.lines() {
            trace.lines += 1;
            let (pid, rest) = line.split_once(' ').unwrap_or(("", line));
            let rest = rest.trim_start();
            if let Some(begun) = rest.strip_suffix(" <unfinished ...>") {
                if open.insert(pid, begun.to_owned()).is_some() {
                    trace.torn.push(line.to_owned());
                }
                continue;
            }
            let whole = match rest.strip_prefix("<... ") {
                None => rest.to_owned(),
                Some(resumed) => match (open.remove(pid), resumed.split_once(" resumed>")) {
                    (Some(begun), Some((name, end))) if begun.starts_with(name) => begun + end,
                    _ => {
                        trace.torn.push(line.to_owned());
                        continue;
                    }
                },
            };
            let shape = shaper.shape(&whole);
            trace.shapes.entry(shape).or_insert(whole);
        }
        // Who exits does not come back.
        let ends = open.into_values().filter(|call| !call.starts_with("exit"));
        trace.torn.extend(ends);
        trace
    }

    /// Lines that name nothing: of a call, an option or a request that is not known.
    pub fn undecoded(&self) -> Vec<&str> {
        let unknown = |line: &&str| {
            let call = line.split('"').step_by(2).collect::<String>();
            ["syscall_0x", "???", "_IOC("]
                .iter()
                .any(|sign| call.contains(sign))
        };
        self.shapes
            .values()
            .map(String::as_str)
            .filter(unknown)
            .collect()
    }

    /// The shapes that the other has not, each with a line.
    pub fn not_in(&self, other: &Trace) -> BTreeMap<String, String> {
        let mut only = self.shapes.clone();
        only.retain(|shape, _| !other.shapes.contains_key(shape));
        only
    }

    /// The arguments of calls that succeeded which are bare numbers or addresses here, and never
    /// in the other trace, which has some of them: where, and what they are in both.
    pub fn raw_where_decoded_in(&self, other: &Trace) -> BTreeMap<String, String> {
        let (ours, theirs) = (self.arguments(), other.arguments());
        let raw = |shape: &String| matches!(shape.as_str(), "X" | "N" | "NULL");
        let both = ours
            .iter()
            .filter_map(|(at, shapes)| Some((at, shapes, theirs.get(at)?)));
        both.filter(|(_, ours, theirs)| ours.iter().any(raw) && !theirs.iter().any(raw))
            .map(|((call, place), ours, theirs)| {
                (
                    format!("{call}/{place}"),
                    format!("{ours:?}, theirs {theirs:?}"),
                )
            })
            .collect()
    }

    /// What is seen in each place of each call, by what it asks for.
    fn arguments(&self) -> BTreeMap<(String, usize), BTreeSet<String>> {
        let mut all: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        for shape in self.shapes.keys() {
            let Some((call, rest)) = shape.split_once('(') else {
                continue;
            };
            let Some((arguments, result)) = rest.rsplit_once(") = ") else {
                continue;
            };
            if result.starts_with(['?', 'F']) || call.contains(' ') {
                continue;
            }
            let arguments = split(arguments);
            let asked = match call {
                "ioctl" | "fcntl" | "futex" | "epoll_ctl" => arguments.get(1),
                "getsockopt" | "setsockopt" => arguments.get(2),
                "prctl" | "arch_prctl" => arguments.first(),
                _ => None,
            };
            let call = format!("{call} {}", asked.map_or("", String::as_str));
            for (place, argument) in arguments.into_iter().enumerate() {
                all.entry((call.clone(), place))
                    .or_default()
                    .insert(argument);
            }
        }
        all
    }
}

/// Puts letters for numbers.
struct Shaper(Vec<(Regex, &'static str)>);

impl Shaper {
    fn new() -> Shaper {
        let rules = [
            (r#""(?:[^"\\]|\\.)*"(?:\.\.\.)?"#, "S"),
            // The result stands in a column.
            (r"\)\s+= ", ") = "),
            (r"= -1 E", "= F E"),
            // What numbers stand for.
            (r" /\* [-\d.:+T]+(?: s)? \*/", ""),
            (r"<[^<>]*>", "<P>"),
            (r"makedev\([^)]*\)", "DEV"),
            (r"\b0x[0-9a-f]+\b", "X"),
            (r"-?\b\d+(?:\.\d+)?\b", "N"),
        ];
        Shaper(
            rules
                .map(|(from, to)| (Regex::new(from).unwrap(), to))
                .into(),
        )
    }

    fn shape(&self, line: &str) -> String {
        let put =
            |line: String, (from, to): &(Regex, &str)| from.replace_all(&line, *to).into_owned();
        self.0.iter().fold(line.to_owned(), put)
    }
}

/// Splits at the commas that are in no bracket.
fn split(arguments: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in arguments.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        let part = parts.last_mut().unwrap();
        if c != ' ' || !part.is_empty() {
            part.push(c);
        }
    }
    parts
}
