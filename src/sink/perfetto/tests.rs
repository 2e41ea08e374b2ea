use super::*;
use crate::event::{Known, Outcome};
use crate::ids::{Goid, Signal};
use crate::sink::blocked::tests::{at, begun, call};
use serde_json::Value as Json;

fn written(events: impl IntoIterator<Item = Event>) -> String {
    let mut out = Vec::new();
    let mut sink = PerfettoSink::new(&mut out);
    sink.event(&begun()).unwrap();
    for event in events {
        sink.event(&event).unwrap();
    }
    sink.finish(&Summary::default()).unwrap();
    drop(sink);
    String::from_utf8(out).unwrap()
}

fn of(call: SyscallEvent) -> Event {
    Event::Syscall(Box::new(call))
}

fn parsed(text: &str) -> Vec<Json> {
    serde_json::from_str(text).unwrap()
}

fn slices(events: &[Json], pid: i64) -> Vec<&Json> {
    let slices = events.iter().filter(|e| e["ph"] == "X" && e["pid"] == pid);
    slices.collect()
}

#[test]
fn a_call_is_a_slice_of_its_thread_and_of_its_goroutine() {
    let text = written([of(call(7, 5_000_001, 5_000_013, Outcome::Returned(3)))]);
    assert!(text.contains(r#""ts":5000.001,"dur":0.012,"#), "{text}");
    assert!(is_ours(text.as_bytes()));
    let events = parsed(&text);
    let [slice] = slices(&events, 100)[..] else {
        panic!("{text}");
    };
    assert_eq!(
        (&slice["name"], &slice["tid"], &slice["cat"]),
        (&"read".into(), &7.into(), &"user".into())
    );
    assert_eq!(slice["args"]["duration_ns"], 12);
    assert_eq!(slice["args"]["result"], 3);
    assert_eq!(
        slice["args"]["stack"][1],
        "main.(*store).flush /src/store.go:42"
    );
    let [slice] = slices(&events, GOROUTINES + 100)[..] else {
        panic!("{text}");
    };
    assert_eq!(
        (&slice["tid"], &slice["args"]["thread"]),
        (&17.into(), &7.into())
    );
    let names: Vec<_> = events
        .iter()
        .filter(|e| e["ph"] == "M")
        .map(|e| e["args"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "demo",
            "thread 7 (M 3)",
            "goroutines of demo",
            "goroutine 17 (main.worker)"
        ]
    );
}

#[test]
fn a_call_told_several_times_is_one_slice() {
    let text = written([
        of(call(7, 10, 20, Outcome::Blocked)),
        of(call(7, 10, 40, Outcome::Returned(0))),
        of(call(7, 50, 60, Outcome::Blocked)),
        of(call(7, 50, 70, Outcome::Blocked)),
    ]);
    let events = parsed(&text);
    let ns: Vec<_> = slices(&events, 100)
        .iter()
        .map(|e| e["args"]["duration_ns"].as_u64().unwrap())
        .collect();
    assert_eq!(ns, [30, 20]);
    let end = &events.last().unwrap()["args"];
    assert_eq!((&end["calls"], &end["blocked_ns"]), (&2.into(), &50.into()));
}

#[test]
fn what_was_written_before_a_cut_is_a_list_but_for_its_bracket() {
    let mut out = Vec::new();
    let mut sink = PerfettoSink::new(&mut out);
    sink.event(&begun()).unwrap();
    for n in 0..3 {
        sink.event(&of(call(7, n * 10, n * 10 + 5, Outcome::Returned(0))))
            .unwrap();
    }
    drop(sink);
    let text = String::from_utf8(out).unwrap();
    assert!(!text.ends_with(']'));
    assert_eq!(slices(&parsed(&format!("{text}]")), 100).len(), 3);
}

#[test]
fn names_are_remembered_within_bounds() {
    let mut sink = PerfettoSink::new(io::sink());
    for goid in 1..=(NAMED as u64 + 10) {
        let mut e = call(7, goid * 10, goid * 10 + 1, Outcome::Returned(0));
        if let Known::Is(g) = &mut e.go.goroutine {
            g.goid = Goid(goid);
        }
        sink.event(&of(e)).unwrap();
    }
    assert!(sink.named.len() <= NAMED && sink.open.iter().next().is_none());
}

#[test]
fn a_signal_is_an_instant_of_its_thread() {
    let text = written([Event::Signal(SignalEvent {
        pid: Pid(100),
        tid: Tid(7),
        at: at(9_000),
        signal: Signal(23),
        info: None,
        pc: None,
    })]);
    assert!(text.contains(
        r#"{"name":"SIGURG","ph":"i","pid":100,"tid":7,"cat":"signal","ts":9.000,"s":"t","args":{"signal":23}}"#
    ), "{text}");
}
