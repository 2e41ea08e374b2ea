//! The report as one JSON document.
//!
//! # Schema `gostrace-hang/1`
//! Fields may be added under the same number; none changes its meaning or goes away. What is not
//! known is absent.
//! ```text
//! schema     "gostrace-hang/1"
//! why        "no-progress" | "deadline" | "signal"; limit_ms, signal
//! verdict    text, standing ("stuck" | "busy" | "slow"), process, pid, test, goroutine,
//!            waited_ms, doing, object, details [text], func, file, line
//! command    as typed
//! time       seconds since the epoch
//! ran_ms, quiet_ms
//! processes  [pid, parent, name, command, kind ("toolchain" | "go" | "other"), state,
//!             cpu_percent, busy_ms, open_files, file_limit, dump (file beside this one),
//!             without_dump (reason), tests [name, goroutine, role, waited_ms, doing, file, line],
//!             still [goroutine, ms], findings [id, text],
//!             throttled {periods, of, ns}], parents first
//! missing    [text]
//! ```

use super::reason::of_goroutine;
use super::scene::{Kind, Process, Scene, Why};
use super::subject::{Role, subjects};
use super::verdict::Verdict;
use crate::sink::{finding_text, signal_name};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The name and version of the form.
pub const SCHEMA: &str = "gostrace-hang/1";

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The report.
#[must_use]
pub fn report(scene: &Scene, verdict: &Verdict) -> Value {
    let mut all = Map::new();
    all.insert("schema".into(), SCHEMA.into());
    match scene.why {
        Why::Stuck(after) => {
            all.insert("why".into(), "no-progress".into());
            all.insert("limit_ms".into(), ms(after).into());
        }
        Why::Deadline(limit) => {
            all.insert("why".into(), "deadline".into());
            all.insert("limit_ms".into(), ms(limit).into());
        }
        Why::Signal(signal) => {
            all.insert("why".into(), "signal".into());
            all.insert("signal".into(), signal_name(signal).into());
        }
    }
    all.insert("verdict".into(), self::verdict(verdict));
    all.insert("command".into(), scene.command.as_str().into());
    all.insert("time".into(), json!(scene.at.wall_ns as f64 / 1e9));
    all.insert("ran_ms".into(), ms(scene.ran).into());
    all.insert("quiet_ms".into(), ms(scene.quiet).into());
    let processes: Vec<Value> = scene.processes.iter().map(|p| process(scene, p)).collect();
    all.insert("processes".into(), processes.into());
    all.insert("missing".into(), scene.missing.clone().into());
    Value::Object(all)
}

fn put(map: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(name.to_owned(), value.into());
    }
}

fn verdict(v: &Verdict) -> Value {
    let mut map = Map::new();
    put(&mut map, "text", Some(v.line.as_str()));
    put(&mut map, "standing", Some(v.standing.name()));
    put(&mut map, "process", Some(&*v.process));
    put(&mut map, "pid", v.pid.map(|pid| pid.0));
    put(&mut map, "test", v.test.as_deref());
    put(&mut map, "goroutine", v.goroutine.map(|g| g.0));
    put(&mut map, "waited_ms", Some(ms(v.waited)));
    put(&mut map, "doing", Some(v.reason.doing.as_str()));
    put(&mut map, "object", v.reason.object.as_deref());
    put(&mut map, "details", Some(v.reason.details.clone()));
    put(&mut map, "func", v.reason.func.as_deref());
    put(&mut map, "file", v.reason.place.as_ref().map(|p| &*p.0));
    put(&mut map, "line", v.reason.place.as_ref().map(|p| p.1));
    Value::Object(map)
}

fn process(scene: &Scene, p: &Process) -> Value {
    let mut map = Map::new();
    put(&mut map, "pid", Some(p.id.pid.0));
    put(&mut map, "parent", Some(p.parent.0));
    put(&mut map, "name", Some(&*p.name));
    put(&mut map, "command", Some(p.command.as_str()));
    let kind = match p.kind {
        Kind::Toolchain => "toolchain",
        Kind::Go => "go",
        Kind::Other => "other",
    };
    put(&mut map, "kind", Some(kind));
    put(&mut map, "state", Some(p.state.to_string()));
    put(&mut map, "cpu_percent", Some(p.cpu_percent));
    put(&mut map, "busy_ms", p.busy.map(ms));
    put(&mut map, "open_files", Some(p.files.len()));
    put(&mut map, "file_limit", p.file_limit);
    let mut tests = Vec::new();
    match &p.dump {
        Ok(dump) => {
            put(&mut map, "dump", Some(dump_file(p)));
            for subject in subjects(dump) {
                let goid = subject.goroutine.goid;
                let reason = of_goroutine(scene, p, dump, subject.goroutine);
                let mut test = Map::new();
                put(&mut test, "name", Some(subject.name(p, dump)));
                put(&mut test, "goroutine", Some(goid.0));
                let role = match subject.role {
                    Role::Itself => "itself",
                    Role::ForSubtests => "for-subtests",
                    Role::ForItsTurn => "for-its-turn",
                };
                put(&mut test, "role", Some(role));
                put(&mut test, "waited_ms", p.waited(goid).map(ms));
                put(&mut test, "doing", Some(reason.doing));
                put(&mut test, "file", reason.place.as_ref().map(|p| &*p.0));
                put(&mut test, "line", reason.place.as_ref().map(|p| p.1));
                tests.push(Value::Object(test));
            }
        }
        Err(why) => put(&mut map, "without_dump", Some(&**why)),
    }
    map.insert("tests".into(), tests.into());
    let mut still: Vec<(u64, u64)> = p.still.iter().map(|(g, time)| (g.0, ms(*time))).collect();
    still.sort_unstable();
    let still = still
        .into_iter()
        .map(|(g, ms)| json!({"goroutine": g, "ms": ms}));
    map.insert("still".into(), still.collect::<Vec<_>>().into());
    let findings = p
        .findings
        .iter()
        .map(|f| json!({"id": f.id.name(), "text": finding_text(f)}));
    map.insert("findings".into(), findings.collect::<Vec<_>>().into());
    if let Some(t) = p.throttling {
        let throttled = json!({"periods": t.throttled, "of": t.periods, "ns": t.throttled_ns});
        map.insert("throttled".into(), throttled);
    }
    Value::Object(map)
}

/// The name of the file with the dump of a process.
#[must_use]
pub fn dump_file(process: &Process) -> String {
    format!("dump-{}.txt", process.id.pid)
}
