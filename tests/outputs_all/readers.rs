//! What each output says, by a reader of its own.

use super::support::{NEWEST_GO, root, tool};
use super::trace_event;
use super::{GOROUTINES, SOON, STALL, Sum};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

pub fn read(dir: &Path, name: &str) -> String {
    fs::read_to_string(dir.join(name)).unwrap()
}

/// The calls among the events that are not parked, each as it was told last, with their sum; and
/// how many were still blocked.
pub fn of_trace(events: &[Value]) -> (Sum, u64) {
    let mut calls: BTreeMap<(i64, u64), &Value> = BTreeMap::new();
    for event in events.iter().filter(|e| e["type"] == "syscall") {
        calls.insert(call(event), event);
    }
    calls.retain(|_, call| !is_parked(call));
    let ns = calls.values().map(|c| c["duration_ns"].as_u64().unwrap());
    let still = calls.values().filter(|c| c["outcome"] == "blocked").count();
    ((calls.len() as u64, ns.sum()), still as u64)
}

/// What tells a call from others: its thread and when it began.
fn call(event: &Value) -> (i64, u64) {
    let start = event["start"]["mono_ns"].as_u64().unwrap();
    (event["tid"].as_i64().unwrap(), start)
}

fn is_parked(event: &Value) -> bool {
    event["class"]["parked"] == true
}

/// Calls that had ended when they were told, seen to their end, and the time in those that were traced exactly.
pub fn ended(events: &[Value]) -> Sum {
    let calls = events.iter().filter(|e| e["type"] == "syscall");
    let ended = calls.filter(|e| {
        let outcome = e["outcome"].as_str().unwrap();
        matches!(outcome, "returned" | "failed" | "ended")
    });
    let ns = ended.map(|e| match e["seen"] == "exact" {
        true => e["duration_ns"].as_u64().unwrap(),
        false => 0,
    });
    ns.fold((0, 0), |sum, ns| (sum.0 + 1, sum.1 + ns))
}

/// How often each finding was told: by calls, once each, and by none.
pub fn findings(events: &[Value]) -> BTreeMap<String, u64> {
    let mut told = BTreeSet::new();
    let mut all = BTreeMap::new();
    let mut count = |id: &Value| *all.entry(id.as_str().unwrap().to_owned()).or_default() += 1;
    for event in events {
        match event["type"].as_str().unwrap() {
            "finding" | "found-again" => count(&event["id"]),
            "syscall" => {
                let shown = event["findings"].as_array().into_iter().flatten();
                for id in shown.map(|finding| &finding["id"]) {
                    if told.insert((call(event), id.to_string())) {
                        count(id);
                    }
                }
            }
            _ => {}
        }
    }
    all
}

/// How often `--on-slow` has reason to run its command.
pub fn reasons(events: &[Value], slow: bool) -> u64 {
    let mut told = BTreeMap::new();
    let mut reasons = 0;
    for event in events {
        let findings = event["findings"].as_array().into_iter().flatten();
        let ids: Vec<String> = findings.map(|f| f["id"].to_string()).collect();
        let due = match event["type"].as_str().unwrap() {
            "finding" => true,
            "syscall" => {
                let before: Option<Vec<String>> = told.insert(call(event), ids.clone());
                let known = before.clone().unwrap_or_default();
                let new = before.is_none() && event["outcome"] != "detached";
                slow && new && !is_parked(event) || ids.iter().any(|id| !known.contains(id))
            }
            _ => false,
        };
        reasons += u64::from(due);
    }
    reasons
}

/// Folded stacks: a stack of at least process, class and call, a space, a number.
pub fn of_folded(dir: &Path) -> u64 {
    let text = read(dir, "blocked.txt");
    assert!(text.contains(STALL), "{text}");
    let line = |line: &str| -> u64 {
        let (stack, ns) = line.rsplit_once(' ').unwrap();
        let parts: Vec<_> = stack.split(';').collect();
        assert!(
            parts.len() > 3 && parts.iter().all(|p| !p.is_empty()),
            "{line}"
        );
        ns.parse().unwrap()
    };
    text.lines().map(line).sum()
}

/// The whole width of the picture.
pub fn of_svg(dir: &Path) -> u64 {
    width(&read(dir, "blocked.svg"))
}

/// The whole width of a flame graph, which is well-formed XML.
fn width(text: &str) -> u64 {
    let mut reader = quick_xml::Reader::from_str(text);
    while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    assert!(text.contains(&format!("<title>{STALL} (")), "{text}");
    let (_, all) = text.split_once("<title>all (").unwrap();
    let (ns, _) = all.split_once(" ns").unwrap();
    ns.replace(',', "").parse().unwrap()
}

pub fn pprof(options: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(root().join(".ci/go"));
    command.args([NEWEST_GO, "tool", "pprof"]).args(options);
    command.arg(dir.join("blocked.pb.gz"));
    command.env("PPROF_TMPDIR", dir);
    command
}

pub fn pprof_says(options: &[&str], dir: &Path) -> String {
    let ended = pprof(options, dir).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    assert!(ended.status.success(), "{}", text(ended.stderr));
    text(ended.stdout)
}

/// `go tool pprof -raw`: a line for each sample with its values.
pub fn of_pprof(dir: &Path) -> Sum {
    let raw = pprof_says(&["-raw"], dir);
    let (_, samples) = raw.split_once("Samples:\n").unwrap();
    let (samples, _) = samples.split_once("Locations\n").unwrap();
    let mut lines = samples.lines();
    assert_eq!(lines.next(), Some("calls/count blocked/nanoseconds[dflt]"));
    let values = lines.filter_map(|line| {
        let (values, _) = line.split_once(": ")?;
        let values: Result<Vec<u64>, _> = values.split_whitespace().map(str::parse).collect();
        <[u64; 2]>::try_from(values.ok()?).ok()
    });
    values.fold((0, 0), |sum, [calls, ns]| (sum.0 + calls, sum.1 + ns))
}

/// The slices of real threads, in a list of events that are all valid.
pub fn of_perfetto(dir: &Path) -> Sum {
    let text = read(dir, "timeline.json");
    let events = trace_event::parse(&text).unwrap();
    let wrong: Vec<_> = events
        .iter()
        .filter_map(|e| trace_event::check(e).err())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let parked =
        |e: &&Value| !gostrace::golang::class::classes().any(|c| c.parked && e["cat"] == c.id);
    let slices = || events.iter().filter(|e| e["ph"] == "X").filter(parked);
    let real = || slices().filter(|e| e["pid"].as_i64().unwrap() < GOROUTINES);
    assert!(slices().count() > real().count(), "goroutines have tracks");
    assert!(
        events.iter().any(|e| e["cat"] == "finding"),
        "findings are instants"
    );
    for slice in slices() {
        let ns = slice["args"]["duration_ns"].as_u64();
        let exact = slice["dur"].as_f64().unwrap() * 1000.0;
        assert!(
            ns.is_none_or(|ns| (exact - ns as f64).abs() < 0.5),
            "{slice}"
        );
        let named =
            |e: &&Value| e["ph"] == "M" && e["pid"] == slice["pid"] && e["tid"] == slice["tid"];
        assert!(events.iter().any(|e| named(&e)), "no name: {slice}");
    }
    let ns = real()
        .map(|e| e["args"]["duration_ns"].as_u64().unwrap())
        .sum();
    (real().count() as u64, ns)
}

/// The events of the trace, each valid by the published schema.
pub fn events(dir: &Path) -> Vec<Value> {
    let schema = fs::read_to_string(root().join("man/gostrace-json.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let text = read(dir, "trace.json");
    let lines = text.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let wrong: Vec<_> = validator
            .iter_errors(&line)
            .map(|e| e.to_string())
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?} in {line:#}");
        line
    });
    lines.collect()
}

/// The whole width of the picture that another tool makes of the folded stacks.
pub fn of_folded_by_inferno(dir: &Path) -> u64 {
    let mut svg = Vec::new();
    let mut options = inferno::flamegraph::Options::default();
    options.count_name = "ns".to_owned();
    let folded = fs::File::open(dir.join("blocked.txt")).unwrap();
    inferno::flamegraph::from_reader(&mut options, folded, &mut svg).unwrap();
    width(&String::from_utf8(svg).unwrap())
}

/// Asks for the metrics.
pub fn scrape(address: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    Some(body.to_owned())
}

/// What Prometheus's own tool says against metrics: nothing.
pub fn assert_promtool_accepts(metrics: &str) {
    let mut child = Command::new(tool("promtool", "prometheus"))
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(metrics.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}\n{metrics}");
}

/// The samples of a family: labels and value.
pub fn samples<'a>(
    metrics: &'a str,
    family: &'a str,
) -> impl Iterator<Item = (&'a str, f64)> + use<'a> {
    metrics.lines().filter_map(move |line| {
        let rest = line.strip_prefix(family)?.strip_prefix('{')?;
        let (labels, value) = rest.rsplit_once("} ")?;
        Some((labels, value.parse().unwrap()))
    })
}

/// Calls and their time by the metrics. Each series is a double, which holds so much to the
/// nanosecond; their sum need not be one.
pub fn of_metrics(metrics: &str) -> Sum {
    let counts = samples(metrics, "syscall_blocked_count_total");
    let seconds = samples(metrics, "syscall_blocked_duration_seconds_total");
    (
        counts.map(|(_, n)| n as u64).sum(),
        seconds.map(|(_, s)| (s * 1e9).round() as u64).sum(),
    )
}

/// Findings by the metrics, those that there are.
pub fn findings_of_metrics(metrics: &str) -> BTreeMap<String, u64> {
    let all = samples(metrics, "gostrace_findings_total");
    let all = all.filter(|(_, n)| *n > 0.0).map(|(labels, n)| {
        let id = labels.trim_start_matches("id=\"").trim_end_matches('"');
        (id.to_owned(), n as u64)
    });
    all.collect()
}

/// The total of a table of the summary, `seconds calls total`, the first behind this title.
pub fn total(summary: &str, title: &str) -> Sum {
    let (_, table) = summary
        .split_once(title)
        .unwrap_or_else(|| panic!("{summary}"));
    let total = table.lines().find(|line| line.ends_with(" total")).unwrap();
    let mut words = total.split_whitespace();
    let ns = words.next().unwrap().replace('.', "").parse().unwrap();
    (words.next().unwrap().parse().unwrap(), ns)
}

/// `        7 times child-wait in process 1, main.f: ...`, added up by finding.
pub fn findings_of_summary(summary: &str) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    let findings = summary.split_once("\nfindings:\n");
    for line in findings.map_or("", |(_, findings)| findings).lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        let [count, "time" | "times", id, ..] = words[..] else {
            panic!("{line} in {summary}");
        };
        *all.entry(id.to_owned()).or_default() += count.parse::<u64>().unwrap();
    }
    all
}

/// Calls that had ended and the time in them, by the text of a report with `-T=ns`; of a call that
/// was sampled the time is rounded, and left out here.
pub fn of_text(text: &str) -> Sum {
    let told = text.lines().filter(|line| line.ends_with('>'));
    let ended = told.filter(|line| !line.ends_with(" so far>") && !line.ends_with(" ...>"));
    ended.fold((0, 0), |sum, line| {
        let (_, time) = line.rsplit_once('<').unwrap();
        let time = time.trim_start_matches("at least ").trim_end_matches('>');
        let ns = match time.split_once('.') {
            Some((seconds, fraction)) if fraction.len() == 9 => {
                let ns: Result<u64, _> = format!("{seconds}{fraction}").parse();
                ns.unwrap_or(0)
            }
            _ => 0,
        };
        (sum.0 + 1, sum.1 + ns)
    })
}
