//! Tracebacks, as the Go runtime prints them (GOTRACEBACK=system) and `gostrace dump` does.

use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A goroutine of a traceback, the runtime's or ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// What stands in the brackets, without the time.
    pub state: String,
    /// Function, `file:line`, `+0x1d`.
    pub frames: Vec<(String, String)>,
    /// The lines of `created by`.
    pub created: Option<(String, String)>,
}

/// What the runtime prints in its tracebacks, by goroutine.
pub fn parse(text: &str) -> BTreeMap<u64, Block> {
    static HEADER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^goroutine (\d+)(?: gp=\S+)?(?: m=\S+)?(?: mp=\S+)? \[(.*)\]:$").unwrap()
    });
    static MINUTES: LazyLock<Regex> = LazyLock::new(|| Regex::new(r", \d+ minutes").unwrap());
    let mut blocks = BTreeMap::new();
    let mut lines = text.lines().peekable();
    let mut current = None;
    while let Some(line) = lines.next() {
        if let Some(c) = HEADER.captures(line) {
            let id: u64 = c[1].parse().unwrap();
            let block = Block {
                state: MINUTES.replace(&c[2], "").into_owned(),
                frames: Vec::new(),
                created: None,
            };
            blocks.insert(id, block);
            current = Some(id);
        } else if line.is_empty() {
            current = None;
        }
        let Some(block) = current.and_then(|id| blocks.get_mut(&id)) else {
            continue;
        };
        let Some(place) = lines.peek().and_then(|next| next.strip_prefix('\t')) else {
            continue;
        };
        // Of the columns behind it, only the offset is ours to know.
        let words = place.split(' ');
        let place: Vec<&str> = words.filter(|w| !w.contains("=0x")).collect();
        let place = place.join(" ");
        if let Some(by) = line.strip_prefix("created by ") {
            block.created = Some((by.to_owned(), place));
        } else if let Some(open) = line.rfind('(') {
            block.frames.push((line[..open].to_owned(), place));
        }
    }
    blocks
}

/// Compares what we show of a process with what its runtime shows of it: how many stacks, and
/// which of them differ.
pub fn compare(ours: &BTreeMap<u64, Block>, theirs: &BTreeMap<u64, Block>) -> (usize, Vec<String>) {
    let mut compared = 0;
    let mut wrong = Vec::new();
    for (id, their) in theirs {
        // `goroutine 0` is a system stack.
        if *id == 0 || their.frames.is_empty() {
            continue;
        }
        let Some(our) = ours.get(id) else {
            wrong.push(format!("goroutine {id} is missing: {their:#?}"));
            continue;
        };
        // What the signal woke or stopped is elsewhere by then.
        if their.is_parked() {
            compared += 1;
            wrong.extend(our.difference(*id, their));
        }
    }
    (compared, wrong)
}

impl Block {
    /// Whether the goroutine stays where it is: nobody runs it, nobody is about to.
    pub fn is_parked(&self) -> bool {
        !self.state.starts_with("running") && !self.state.starts_with("runnable")
    }

    /// What is different in the runtime's own words, if anything.
    pub fn difference(&self, id: u64, their: &Block) -> Option<String> {
        let same = match their.state.starts_with("syscall") {
            // The runtime begins where the goroutine left Go's care; we begin at the call. Of a
            // callback on a thread of C, it knows nothing of that thread, and puts an end there.
            true => {
                let mut theirs = &their.frames[1..];
                if self.frames.last().is_some_and(|(_, place)| place == "??:0")
                    && theirs.last().is_some_and(|(f, _)| f == "runtime.goexit")
                {
                    theirs = &theirs[..theirs.len() - 1];
                }
                without_c(&self.frames).ends_with(theirs)
            }
            false => self.frames == their.frames,
        };
        let same = same && self.state == their.state && self.created == their.created;
        (!same).then(|| format!("goroutine {id}\n  ours: {self:#?}\n  theirs: {their:#?}"))
    }
}

/// Without what a call of C, and C's call back, did on the system stack: the runtime shows none
/// of it.
fn without_c(frames: &[(String, String)]) -> Vec<(String, String)> {
    let on_system_stack = |(func, place): &&(String, String)| {
        place == "??:0" || func == "crosscall2" || func == "runtime.asmcgocall"
    };
    let rest = frames.iter().filter(|f| !on_system_stack(f));
    rest.cloned().collect()
}
