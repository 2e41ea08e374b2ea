//! A profile for `go tool pprof`: calls and blocked time by Go stack, with lines and inlining, and
//! what calls were made on as labels.

mod proto;
mod tables;

use super::blocked::{Atom, Blocked, BlockedSink, Detail, Facts, Key, Stacks};
use super::{Sink, Summary};
use crate::untrusted::push as push_untrusted;
use flate2::{Compression, GzBuilder, write::GzEncoder};
use prost::Message;
use proto::{Label, Profile, Sample, ValueType};
use std::io::{self, Write};
use tables::{Strings, Tables};

/// In the header of the compressed file: what ours are recognised by.
const COMMENT: &[u8] = b"gostrace";

/// Writes a profile to `out`, once the run has ended, parked time left out unless `show_parked`.
pub fn sink<W: Write>(out: W, show_parked: bool) -> impl Sink {
    BlockedSink::new(out, Blocked::new(Detail::Lines, show_parked), draw)
}

fn draw(
    out: &mut impl Write,
    facts: &Facts,
    stacks: &Stacks<'_>,
    summary: &Summary,
) -> io::Result<()> {
    let mut out = GzBuilder::new()
        .comment(COMMENT)
        .write(out, Compression::default());
    let mut tables = Tables::default();
    for process in &facts.processes {
        if let Some(file) = &process.executable {
            tables.add_mapping(process.pid, file);
        }
    }
    for (key, weight) in &stacks.entries {
        let sample = Sample {
            location_id: tables.stack(key.pid, &key.stack, stacks),
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
    out.finish()?;
    Ok(())
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
