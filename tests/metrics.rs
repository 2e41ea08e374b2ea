//! Metrics against the trace beside them, by Prometheus's own tools, and under clients that mean no
//! good.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;
use support::run::{Fixture, Running, gostrace};
use support::{Go, NEWEST_GO, SOON, root, scratch, tool, wait_for};

fn promtool(args: &[&str], input: &str) -> String {
    let mut child = Command::new(tool("promtool", "prometheus"))
        .args(args)
        .current_dir(root().join("testdata/monitoring"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr]
        .map(|s| String::from_utf8(s).unwrap())
        .concat();
    assert!(output.status.success(), "{said}\n{input}");
    said
}

/// The samples of a family: labels and value.
fn samples(text: &str, name: &str) -> BTreeMap<String, f64> {
    let of = |line: &str| {
        let (labels, value) = line
            .strip_prefix(name)?
            .strip_prefix('{')?
            .rsplit_once("} ")?;
        Some((labels.to_owned(), value.parse().unwrap()))
    };
    text.lines().filter_map(of).collect()
}

#[test]
fn the_file_agrees_with_the_trace_to_the_nanosecond_and_promtool_accepts_it() {
    let dir = scratch("metrics-file");
    let (trace, file) = (dir.join("trace"), dir.join("gostrace.prom"));
    let calls = 8_000;
    let mut fixture = Fixture::start(
        &Go::of(NEWEST_GO).build("counted"),
        &["-calls", &calls.to_string()],
    );
    let mut tracer = Running::start(
        gostrace(&[
            "--format",
            "json",
            "-q",
            "-e",
            "pread64,lseek",
            "-p",
            &fixture.pid.to_string(),
        ])
        .arg("-o")
        .arg(&trace)
        .arg("--metrics-file")
        .arg(&file),
    );
    tracer.wait_attached(fixture.pid);
    fixture.line();
    let pid = fixture.pid;
    assert!(fixture.finish().0.success());
    assert!(tracer.wait(SOON).status.success());
    let text = std::fs::read_to_string(&file).unwrap();
    promtool(&["check", "metrics"], &text);
    let mut truth: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for line in std::fs::read_to_string(&trace).unwrap().lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        if let Some(ns) = event["duration_ns"].as_u64() {
            let one = truth
                .entry(event["name"].as_str().unwrap().to_owned())
                .or_default();
            *one = (one.0 + 1, one.1 + ns);
        }
    }
    assert_eq!(truth["pread64"].0, calls / 10);
    let blocked = samples(&text, "syscall_blocked_duration_seconds_total");
    let counts = samples(&text, "syscall_blocked_count_total");
    assert_eq!(blocked.len(), 2, "{text}");
    for (name, (count, ns)) in truth {
        let labels = format!("syscall=\"{name}\",pid=\"{pid}\",comm=\"counted");
        let (_, seconds) = blocked
            .iter()
            .find(|(l, _)| l.starts_with(&labels))
            .unwrap();
        assert_eq!((seconds * 1e9).round() as u64, ns, "{name}");
        let counted = counts[&format!("syscall=\"{name}\",state=\"UNKNOWN\"")];
        assert_eq!(counted as u64, count, "{name}");
    }
    let left: Vec<_> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "no temporary file is left: {left:?}");
}

#[test]
fn the_example_rules_are_accepted_and_fire_as_they_should() {
    promtool(&["check", "rules", "alerts.yml"], "");
    promtool(&["test", "rules", "alerts_test.yml"], "");
    let dashboard = root().join("testdata/monitoring/grafana-dashboard.json");
    let dashboard: Value =
        serde_json::from_str(&std::fs::read_to_string(dashboard).unwrap()).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() >= 6);
}

/// Sends and reads to the end.
fn ask(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

const GET: &str = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

#[test]
fn clients_that_mean_no_good_hold_up_neither_the_tracer_nor_others() {
    let mut fixture = Fixture::start(
        &Go::of(NEWEST_GO).build("naps"),
        &["-threads", "2", "-nap", "20ms"],
    );
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut tracer = Running::start(&mut gostrace(&[
        "--metrics",
        &format!(":{port}"),
        "--slow",
        "10ms",
        "-o",
        "/dev/null",
        "-p",
        &fixture.pid.to_string(),
    ]));
    tracer.wait_attached(fixture.pid);
    wait_for("the server", SOON, || {
        TcpStream::connect(("127.0.0.1", port)).ok()
    });
    // Some say nothing, some say it slowly, some take nothing.
    let mut hostile: Vec<TcpStream> = Vec::new();
    for n in 0..200 {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        if n % 3 == 1 {
            let _ = stream.write_all(b"GET /metrics HTTP/1.1\r\nX: ");
        } else if n % 3 == 2 {
            let _ = stream.write_all(GET.as_bytes());
        }
        hostile.push(stream);
    }
    let answer = ask(port, GET);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    promtool(&["check", "metrics"], body);
    // They go on while others ask, and the trace goes on as well: the naps are counted.
    let naps = |text: &str| -> f64 {
        samples(text, "syscall_blocked_duration_seconds_total")
            .values()
            .sum()
    };
    let first = naps(&ask(port, GET));
    wait_for("more naps", SOON, || {
        for stream in &mut hostile {
            let _ = stream.write_all(b"x");
        }
        (naps(&ask(port, GET)) > first + 0.2).then_some(())
    });
    let open_metrics = ask(
        port,
        "GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text;version=1.0.0\r\n\r\n",
    );
    assert!(open_metrics.ends_with("\n# EOF\n"), "{open_metrics}");
    assert!(ask(port, "GET /x HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
    assert!(ask(port, "POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
    assert!(!ask(port, "HEAD /metrics HTTP/1.1\r\n\r\n").contains("syscall_"));
    let mut huge = TcpStream::connect(("127.0.0.1", port)).unwrap();
    huge.set_write_timeout(Some(SOON)).unwrap();
    let refused = (0..1_000).any(|_| huge.write_all(&[b'x'; 4096]).is_err());
    assert!(refused, "a request of four megabytes is cut short");
    let in_flight = wait_for("a call in flight", SOON, || {
        let text = ask(port, GET);
        let all = samples(&text, "gostrace_oldest_call_in_flight_seconds");
        all.get("class=\"user\"").copied()
    });
    assert!(in_flight < 20.0, "{in_flight}");
    fixture.line();
    assert!(fixture.until("count")["count"].as_u64().unwrap() > 0);
    let said = tracer.stop();
    assert!(said.status.success(), "{said:?}");
    let at = format!("gostrace: metrics at http://127.0.0.1:{port}/metrics\n");
    assert!(said.stderr.contains(&at), "{said:?}");
    assert!(
        TcpStream::connect_timeout(&([127, 0, 0, 1], port).into(), Duration::from_secs(1)).is_err()
    );
}

#[test]
fn an_address_that_is_taken_is_said_before_anything_is_traced() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = Running::start(&mut gostrace(&["--metrics", &address, "true"])).wait(SOON);
    assert_eq!(said.status.code(), Some(125), "{said:?}");
    assert!(
        said.stderr.contains(&format!("--metrics {address}")),
        "{said:?}"
    );
}
