//! Tracebacks, as the Go runtime prints them (GOTRACEBACK=system) and `gostrace dump` does.

use gostrace::golang::layout::Release;
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Function, and `file:line +0x1d`.
pub type Placed = (String, String);

/// A goroutine of a traceback, the runtime's or ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// What stands in the brackets, without the time.
    pub state: String,
    /// Innermost first.
    pub frames: Vec<Placed>,
    /// The lines of `created by`.
    pub created: Option<Placed>,
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
        let same = self.state == their.state
            && self.created == their.created
            && self.frames_are(&self.frames, &their.frames);
        (!same).then(|| format!("goroutine {id}\n  ours: {self:#?}\n  theirs: {their:#?}"))
    }

    /// The same for what runtime.Stack says, which leaves out what users are not to see: we must
    /// have all that it has, and nothing else but what it leaves out.
    pub fn difference_as_shown_to_users(
        &self,
        id: u64,
        their: &Block,
        release: Release,
    ) -> Option<String> {
        let created = self.created.clone().filter(|by| {
            let func = by.0.split(" in goroutine ").next().unwrap();
            id != 1 && is_for_users(func)
        });
        let ours = without_unnamed_wrappers(&self.shown_to_users(), &their.frames, release);
        let same = self.state == their.state
            && created == their.created
            && self.frames_are(&ours, &their.frames);
        (!same).then(|| format!("goroutine {id}\n  ours: {ours:#?}\n  theirs: {their:#?}"))
    }

    fn frames_are(&self, ours: &[Placed], theirs: &[Placed]) -> bool {
        if !self.state.starts_with("syscall") {
            return ours == theirs;
        }
        // Of a callback on a thread of C it knows nothing of that thread, and puts an end there.
        let in_c = ours.last().is_some_and(|(_, place)| place == "??:0");
        // The runtime begins where the goroutine left Go's care; we begin at the call.
        let ours = without_c(ours);
        let Some(((func, _), callers)) = theirs.split_first() else {
            return false;
        };
        let callers = match callers.split_last() {
            Some(((func, _), rest)) if in_c && func == "runtime.goexit" => rest,
            _ => callers,
        };
        let left = ours.strip_suffix(callers).and_then(<[Placed]>::last);
        left.is_some_and(|last| last.0 == *func || func == "runtime.systemstack_switch")
    }

    /// What is left of the frames by the rules of `showfuncinfo` in runtime/traceback.go.
    fn shown_to_users(&self) -> Vec<Placed> {
        let frames = self.frames.iter().enumerate();
        let shown = frames.filter(|&(n, (func, place))| {
            let wrapper = place.starts_with("<autogenerated>:1")
                || [".gowrap", ".deferwrap"]
                    .iter()
                    .any(|name| func.contains(name));
            let callee = n.checked_sub(1).map(|n| &*self.frames[n].0);
            let panics = ["panic", "runtime.sigpanic", "runtime.panicwrap"];
            if wrapper && !callee.is_some_and(|callee| panics.contains(&callee)) {
                return false;
            }
            func == "panic" && n > 0 || is_for_users(func)
        });
        shown.map(|(_, frame)| frame.clone()).collect()
    }

    /// Whether the runtime started it for itself: runtime.Stack does not show these.
    pub fn is_system(&self) -> bool {
        let mut outer = self.frames.iter().rev().filter(|f| f.0 != "runtime.goexit");
        outer.next().is_some_and(|f| f.0.starts_with("runtime."))
    }
}

/// Whether the name of a function is one that users are shown (`isExportedRuntime`).
fn is_for_users(func: &str) -> bool {
    let exported = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
    match func.strip_prefix("runtime.") {
        None => func.contains('.'),
        Some(name) => match name.rsplit_once('.') {
            Some((receiver, method)) => {
                exported(method) && exported(receiver.trim_start_matches("(*"))
            }
            None => exported(name),
        },
    }
}

/// Without wrappers that runtime.Stack leaves out and that no name tells: a generic method that
/// hands its dictionary to the code of its own name, and, before 1.22, functions that hold the
/// arguments of `go f(x)` and `defer f(x)`, which look like somebody's closures.
fn without_unnamed_wrappers(ours: &[Placed], theirs: &[Placed], release: Release) -> Vec<Placed> {
    let mut theirs = theirs.iter().rev().peekable();
    let mut kept = Vec::new();
    for (n, our) in ours.iter().enumerate().rev() {
        let both = theirs.next_if_eq(&our).is_some();
        let callee = n.checked_sub(1).map(|n| &ours[n].0);
        let generic = our.0.contains("[...]") && callee == Some(&our.0);
        let closure = release.minor < 22 && our.0.contains(".func");
        if both || !generic && !closure {
            kept.push(our.clone());
        }
    }
    kept.reverse();
    kept
}

/// Without what a call of C, and C's call back, did on the system stack: the runtime shows none
/// of it.
fn without_c(frames: &[Placed]) -> Vec<Placed> {
    let on_system_stack = |(func, place): &&Placed| {
        place == "??:0" || func == "crosscall2" || func == "runtime.asmcgocall"
    };
    let rest = frames.iter().filter(|f| !on_system_stack(f));
    rest.cloned().collect()
}
