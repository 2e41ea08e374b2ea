//! Reads what gostrace and strace print for people back into calls.

use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One line of a trace with the lines under it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Call {
    /// The thread, 0 where the line does not say.
    pub tid: i32,
    /// The call's name.
    pub name: String,
    /// What is between the parentheses.
    pub args: String,
    /// What is after `= `, without the time; empty where the call has not returned.
    pub result: String,
    /// How long it took or has been blocked so far, in seconds, where the line says.
    pub seconds: Option<f64>,
    /// Whether that is a lower bound (the call began before we came).
    pub at_least: bool,
    /// What stands in place of a result: `blocked`, `detached`, `unfinished`.
    pub open: Option<String>,
    /// The goroutine under it.
    pub goid: Option<i64>,
    /// What stands in brackets behind its id: state, and whether it is locked to its thread.
    pub state: Option<String>,
    /// Where it runs: `in cgo`, M, P.
    pub place: Option<String>,
    /// The wait class.
    pub class: Option<String>,
    /// The stack, innermost first.
    pub frames: Vec<Frame>,
    /// Findings: id and the lines that tell it, where they do.
    pub findings: Vec<(String, String)>,
    /// Other lines under it, such as why something is unknown.
    pub remarks: Vec<String>,
}

/// One frame of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub func: String,
    pub file: String,
    pub line: u32,
    pub inlined: bool,
    /// Marked as C.
    pub native: bool,
    /// Marked as a guess.
    pub guessed: bool,
}

impl Call {
    /// `name(args) = result`.
    pub fn text(&self) -> String {
        format!("{}({}) = {}", self.name, self.args, self.result)
    }

    /// The frame of this function.
    pub fn frame(&self, func: &str) -> Option<&Frame> {
        self.frames.iter().find(|frame| frame.func == func)
    }
}

static LEADER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:\[pid +(\d+)\] |(\d+) +)?(.*)$").unwrap());
static FINISHED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(\w+)\((.*)\) += (.+?)(?: <(at least )?([\d.]+)>)?$").unwrap());
static OPEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(\w+)\((.*?)\)? ?<(blocked|detached|unfinished)(?: for (at least )?(\S+)(?: ±\S+)? so far| \.\.\.)>",
    )
    .unwrap()
});
static GOROUTINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^    goroutine (\d+) \[([^\]]*)\] ([^\[]*?)(?: \[([^\]]*)\]|$)").unwrap()
});
static SYSTEM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^    no goroutine \(system stack\), (.*?M \d+[^\[]*?)(?: \[([^\]]*)\]|$)").unwrap()
});
static CLASS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^    [^\[]*\[([^\]]*)\]").unwrap());
static FRAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^      (\S.*?)  +(\S+?):(\d+)( \(inlined\))?$").unwrap());
static FINDING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^    ! ([a-z-]+)(?: \(note\))?(?:: |$)").unwrap());
static MARKED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^    ([C?]) (\S.*?)(?:  +(\S+))?$").unwrap());

/// The calls of a trace in its order; signals, exits and other lines are left out. A call that is
/// reported as blocked again has the stack of its first report, where it was shown.
pub fn parse(text: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for line in text.lines() {
        if line.starts_with("    ") {
            if let Some(call) = calls.last_mut() {
                under(call, line);
            }
            continue;
        }
        let leader = LEADER.captures(line).unwrap();
        let tid = leader.get(1).or(leader.get(2)).map_or("0", |m| m.as_str());
        if let Some(mut call) = line_of(leader.get(3).unwrap().as_str()) {
            call.tid = tid.parse().unwrap();
            calls.push(call);
        }
    }
    let mut shown: BTreeMap<i32, Vec<Frame>> = BTreeMap::new();
    for call in &mut calls {
        if call.open.as_deref() != Some("blocked") {
            shown.remove(&call.tid);
        } else if call.frames.is_empty() {
            call.frames = shown.get(&call.tid).cloned().unwrap_or_default();
        } else {
            shown.insert(call.tid, call.frames.clone());
        }
    }
    calls
}

fn line_of(rest: &str) -> Option<Call> {
    if let Some(c) = OPEN.captures(rest) {
        return Some(Call {
            name: c[1].to_owned(),
            args: c[2].trim_end_matches(", ").to_owned(),
            open: Some(c[3].to_owned()),
            at_least: c.get(4).is_some(),
            seconds: c.get(5).map(|m| duration(m.as_str())),
            ..Call::default()
        });
    }
    let c = FINISHED.captures(rest)?;
    Some(Call {
        name: c[1].to_owned(),
        args: c[2].to_owned(),
        result: c[3].to_owned(),
        at_least: c.get(4).is_some(),
        seconds: c.get(5).map(|m| m.as_str().parse().unwrap()),
        ..Call::default()
    })
}

fn under(call: &mut Call, line: &str) {
    const PARTS: [&str; 3] = ["      because: ", "      limits: ", "      what to do: "];
    if let Some(c) = FINDING.captures(line) {
        call.findings
            .push((c[1].to_owned(), line.trim().to_owned()));
    } else if let Some((_, text)) = call.findings.last_mut()
        && (line.starts_with("        ") || PARTS.iter().any(|part| line.starts_with(part)))
    {
        text.push('\n');
        text.push_str(line.trim());
    } else if let Some(c) = FRAME.captures(line) {
        call.frames.push(Frame {
            func: c[1].to_owned(),
            file: c[2].to_owned(),
            line: c[3].parse().unwrap(),
            inlined: c.get(4).is_some(),
            native: false,
            guessed: false,
        });
    } else if let Some(c) = MARKED.captures(line) {
        let place = c.get(3).map_or("", |m| m.as_str());
        let (file, line) = place.rsplit_once(':').unwrap_or((place, "0"));
        call.frames.push(Frame {
            func: c[2].to_owned(),
            file: file.to_owned(),
            line: line.parse().unwrap(),
            inlined: false,
            native: &c[1] == "C",
            guessed: &c[1] == "?",
        });
    } else if let Some(c) = GOROUTINE.captures(line) {
        call.goid = Some(c[1].parse().unwrap());
        call.state = Some(c[2].to_owned());
        call.place = Some(c[3].to_owned());
        call.class = c.get(4).map(|m| m.as_str().to_owned());
    } else if let Some(c) = SYSTEM.captures(line) {
        call.place = Some(c[1].to_owned());
        call.class = c.get(2).map(|m| m.as_str().to_owned());
    } else if let Some(c) = CLASS.captures(line) {
        call.class = Some(c[1].to_owned());
    } else {
        call.remarks.push(line.trim().to_owned());
    }
}

/// `12.3ms`, in seconds.
fn duration(text: &str) -> f64 {
    let unit = text.find(|c: char| c.is_ascii_alphabetic()).unwrap();
    let number: f64 = text[..unit].parse().unwrap();
    match &text[unit..] {
        "ns" => number / 1e9,
        "us" => number / 1e6,
        "ms" => number / 1e3,
        "s" => number,
        _ => panic!("duration {text}"),
    }
}

/// strace's or gostrace's lines `PID CALL` with unfinished and resumed halves joined, per thread.
pub fn per_thread(text: &str) -> BTreeMap<i32, Vec<String>> {
    static HALF: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^(.*) <unfinished \.\.\.>$").unwrap());
    static REST: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^<\.\.\. \w+ resumed>(.*)$").unwrap());
    static GAP: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\) +(= [^=]*)$").unwrap());
    let mut threads: BTreeMap<i32, Vec<String>> = BTreeMap::new();
    let mut halves = BTreeMap::new();
    for line in text.lines() {
        let leader = LEADER.captures(line).unwrap();
        let Some(tid) = leader.get(1).or(leader.get(2)) else {
            continue;
        };
        let tid: i32 = tid.as_str().parse().unwrap();
        let call = leader.get(3).unwrap().as_str();
        if let Some(half) = HALF.captures(call) {
            halves.insert(tid, half[1].to_owned());
            continue;
        }
        let whole = match REST.captures(call) {
            Some(rest) => halves.remove(&tid).unwrap_or_default() + &rest[1],
            None => call.to_owned(),
        };
        let whole = GAP.replace(&whole, ") $1").into_owned();
        threads.entry(tid).or_default().push(whole);
    }
    threads
}
