//! A profile for `go tool pprof`: calls and blocked time by Go stack, with lines and inlining, and
//! what calls were made on as labels.

mod proto;
mod tables;

use super::blocked::{Atom, Blocked, Detail, Key};
use super::line::push_untrusted;
use super::{Sink, Summary};
use crate::event::{Event, Timestamp, Traced};
use flate2::{Compression, GzBuilder, write::GzEncoder};
use prost::Message;
use proto::{Label, Profile, Sample, ValueType};
use std::io::{self, Write};
use tables::{Strings, Tables};

/// In the header of the compressed file: what ours are recognised by.
const COMMENT: &[u8] = b"gostrace";

/// Writes a profile, once the run has ended.
pub struct PprofSink<W> {
    out: W,
    blocked: Blocked,
    processes: Vec<Traced>,
}

impl<W: Write> PprofSink<W> {
    /// A sink that writes to `out`, parked time left out unless `show_parked`.
    pub fn new(out: W, show_parked: bool) -> PprofSink<W> {
        PprofSink {
            out,
            blocked: Blocked::new(Detail::Lines, show_parked),
            processes: Vec::new(),
        }
    }
}

impl<W: Write> Sink for PprofSink<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        if let Event::Begun(begun) = event {
            self.processes.clone_from(&begun.processes);
        }
        self.blocked.event(event);
        Ok(())
    }

    fn tick(&mut self, now: Timestamp) -> io::Result<()> {
        self.blocked.tick(now);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let (facts, stacks) = self.blocked.finish();
        let mut out = GzBuilder::new()
            .comment(COMMENT)
            .write(&mut self.out, Compression::default());
        let mut tables = Tables::default();
        for process in &self.processes {
            if let Some(file) = &process.executable {
                tables.add_mapping(process.pid, file);
            }
        }
        for (key, weight) in &stacks.entries {
            let sample = Sample {
                location_id: tables.stack(key.pid, &key.stack, &stacks),
                value: vec![signed(weight.calls), signed(weight.ns)],
                label: {
                    let process = key.pid.map(|pid| facts.process(pid));
                    let fd = key.fd.and_then(|fd| stacks.atom(fd));
                    labels(&mut tables.strings, key, process.as_deref(), fd)
                },
            };
            // One by one: what is to be written need not be held.
            put(
                &mut out,
                Profile {
                    sample: vec![sample],
                    ..Profile::default()
                },
            )?;
        }
        let strings = &mut tables.strings;
        let mut value_type = |name, unit| ValueType {
            r#type: strings.place(name),
            unit: strings.place(unit),
        };
        let sample_type = vec![
            value_type("calls", "count"),
            value_type("blocked", "nanoseconds"),
        ];
        let comments = facts.comments(summary);
        let comment = comments.iter().map(|text| strings.place(text)).collect();
        let default_sample_type = strings.place("blocked");
        put(
            &mut out,
            Profile {
                sample_type,
                sample: Vec::new(),
                mapping: tables.mappings,
                location: tables.locations,
                function: tables.functions,
                string_table: tables.strings.all,
                time_nanos: signed(facts.began().wall_ns),
                duration_nanos: i64::try_from(facts.duration().as_nanos()).unwrap_or(i64::MAX),
                comment,
                default_sample_type,
            },
        )?;
        out.finish()?.flush()
    }
}

/// Whether a file begins as ours do (RFC 1952: a comment is the only optional part of the header).
#[must_use]
pub fn is_ours(head: &[u8]) -> bool {
    const FCOMMENT: u8 = 16;
    let header = head.split_at_checked(10);
    header.is_some_and(|(header, rest)| {
        header.starts_with(&[0x1f, 0x8b, 8, FCOMMENT])
            && rest
                .strip_prefix(COMMENT)
                .is_some_and(|rest| rest.starts_with(&[0]))
    })
}

fn put<W: Write>(out: &mut GzEncoder<W>, part: Profile) -> io::Result<()> {
    out.write_all(&part.encode_to_vec())
}

fn labels(
    strings: &mut Strings,
    key: &Key,
    process: Option<&str>,
    fd: Option<&Atom>,
) -> Vec<Label> {
    let fd = match fd {
        Some(Atom::Name(name)) => Some(&**name),
        _ => None,
    };
    let texts = [
        ("process", process),
        ("call", Some(&*key.call)),
        ("class", Some(key.class.unwrap_or("(unknown)"))),
        ("fd", fd),
    ];
    let mut labels = Vec::new();
    for (name, text) in texts {
        if let Some(text) = text {
            let mut safe = String::new();
            push_untrusted(&mut safe, text);
            labels.push(Label {
                key: strings.place(name),
                str: strings.place(&safe),
                num: 0,
            });
        }
    }
    if let Some(goroutine) = key.goroutine.filter(|goroutine| goroutine.0 != 0) {
        labels.push(Label {
            key: strings.place("goroutine"),
            str: 0,
            num: signed(goroutine.0),
        });
    }
    labels
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
