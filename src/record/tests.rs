use super::codec::{Codec, Decoder, Encoder, Interner};
use super::*;
use crate::event::Note;
use crate::sink::Sink;
use crate::value::{Arg, Names, Value};
use proptest::prelude::*;

fn note(text: &str) -> Event {
    Event::Note(Note {
        at: Timestamp::default(),
        text: text.into(),
    })
}

fn header() -> Header {
    Header {
        made_by: "x".into(),
        argv: vec![b"gostrace".to_vec(), b"\xff".to_vec()],
        at: Timestamp::default(),
        utc_offsets: vec![(0, 3600), (100, 7200)],
    }
}

/// When a block is due, whatever was told before.
const LATER: Timestamp = Timestamp {
    mono_ns: 1 << 40,
    wall_ns: 0,
};

/// A recording of these events, the last block apart.
fn recording(events: &[Event]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut sink = RecordSink::new(&mut bytes, header()).unwrap();
    for event in events {
        sink.event(event).unwrap();
    }
    sink.tick(LATER).unwrap();
    sink.finish(&Summary::default()).unwrap();
    bytes
}

fn read(bytes: &[u8]) -> (Vec<Item>, Option<ReadError>) {
    let mut items = Vec::new();
    let mut reader = match Reader::new(bytes) {
        Ok(reader) => reader,
        Err(error) => return (items, Some(error)),
    };
    loop {
        match reader.next_item() {
            Ok(Some(item)) => items.push(item),
            Ok(None) => return (items, None),
            Err(error) => return (items, Some(error)),
        }
    }
}

#[test]
fn a_recording_cut_anywhere_is_read_up_to_its_last_whole_block() {
    let whole = recording(&[note("one"), note("two")]);
    let (all, error) = read(&whole);
    assert!(error.is_none(), "{error:?}");
    let [Item::Header(made), .., Item::End(_)] = all.as_slice() else {
        panic!("{all:?}");
    };
    assert_eq!(**made, header());
    let mut counts = Vec::new();
    for end in 0..whole.len() {
        let (items, error) = read(&whole[..end]);
        assert!(error.is_some(), "{end}");
        assert_eq!(items, all[..items.len()], "{end}");
        counts.push(items.len());
    }
    counts.dedup();
    // Nothing, the header, the header and what the second block holds.
    assert_eq!(counts, [0, 1, 4]);
}

#[test]
fn time_that_passes_with_nothing_to_tell_costs_a_block_a_minute() {
    let mut bytes = Vec::new();
    let mut sink = RecordSink::new(&mut bytes, header()).unwrap();
    let begin = header().at.mono_ns;
    let tick = |sink: &mut RecordSink<&mut Vec<u8>>, ms: u64| {
        let mono_ns = begin + ms * 1_000_000;
        let now = Timestamp {
            mono_ns,
            wall_ns: 0,
        };
        sink.tick(now).unwrap();
    };
    for n in 1..400 {
        tick(&mut sink, n * 250);
    }
    sink.event(&note("at last")).unwrap();
    tick(&mut sink, 160_000);
    drop(sink);
    let (items, _) = read(&bytes);
    let ticks = items.iter().filter(|item| matches!(item, Item::Tick(_)));
    assert_eq!(ticks.count(), 400);
    let blocks = |end: &usize| read(&bytes[..*end]).0.len();
    let ends: std::collections::BTreeSet<_> = (0..bytes.len()).map(|end| blocks(&end)).collect();
    // Nothing, the header, a minute, and what came after that.
    assert_eq!(ends.len(), 3, "{ends:?}");
}

#[test]
fn a_changed_byte_never_makes_another_event_of_one() {
    let whole = recording(&[note("one"), note("two")]);
    let (all, _) = read(&whole);
    for place in 0..whole.len() {
        let mut bad = whole.clone();
        bad[place] ^= 0x11;
        let (items, error) = read(&bad);
        assert!(error.is_some(), "{place}");
        assert_eq!(items, all[..items.len()], "{place}");
    }
}

#[test]
fn what_is_no_recording_or_of_another_version_is_told_apart() {
    for (bytes, part) in [
        (&b""[..], "not a recording"),
        (b"hello\n", "not a recording"),
        (b"gostrace recording 2\n", "version 2"),
        (b"gostrace recording \x1b\n", "version \\u{1b}"),
    ] {
        let (_, error) = read(bytes);
        let said = error.unwrap().to_string();
        assert!(said.contains(part), "{said}");
    }
    assert!(is_recording(&recording(&[])));
    assert!(!is_recording(b"#!/bin/sh"));
}

#[test]
fn lengths_that_lie_cost_no_memory() {
    let mut bytes = frame::first_line();
    for (length, packed) in [(u32::MAX, 1), (1, u32::MAX), (16 << 20, 16 << 20)] {
        bytes.truncate(frame::first_line().len());
        for word in [length, packed, 0] {
            bytes.extend(word.to_le_bytes());
        }
        let (items, error) = read(&bytes);
        assert!(items.is_empty() && error.is_some());
    }
    // A block that claims to hold more items than bytes.
    let mut encoder = Encoder::default();
    encoder.number(u64::MAX);
    let contents = encoder.take();
    let mut interner = Interner::default();
    let mut from = Decoder::new(&contents, &mut interner);
    assert!(Vec::<u8>::get(&mut from).is_err());
}

#[test]
fn nesting_has_an_end() {
    let deep = |levels| {
        let mut value = Value::Int(1);
        for _ in 0..levels {
            value = value.pointee();
        }
        let mut encoder = Encoder::default();
        value.put(&mut encoder);
        let bytes = encoder.take();
        let mut interner = Interner::default();
        Value::get(&mut Decoder::new(&bytes, &mut interner)).is_ok()
    };
    assert!(deep(50));
    assert!(!deep(100));
}

#[test]
fn an_event_that_is_too_large_is_left_out_and_said_to_be() {
    let table: &'static Names = &crate::syscall::names::file::OPEN_ACCESS;
    let call = |bytes: usize| {
        let mut made = plain_call();
        made.args = vec![
            Arg {
                name: "buf",
                value: Value::bytes(vec![7; bytes]),
            },
            Arg {
                name: "flags",
                value: Value::Flags(1, table),
            },
        ];
        Event::Syscall(Box::new(made))
    };
    let events = [note("first"), call(9 << 20), call(10), note("last")];
    let (items, error) = read(&recording(&events));
    assert!(error.is_none());
    let kept: Vec<_> = items[1..items.len() - 1].to_vec();
    let expected = [
        Item::Event(events[0].clone()),
        Item::Omitted,
        Item::Event(events[2].clone()),
        Item::Event(events[3].clone()),
        Item::Tick(LATER),
    ];
    assert_eq!(kept, expected);
}

fn plain_call() -> SyscallEvent {
    use crate::event::*;
    SyscallEvent {
        pid: crate::ids::Pid(1),
        tid: crate::ids::Tid(1),
        call: RawCall {
            abi: crate::arch::Abi::X86_64,
            nr: 0,
            args: [0; 6],
        },
        args: Vec::new(),
        start: Start::Seen(Timestamp::default()),
        end: Timestamp::default(),
        outcome: Outcome::Returned(0),
        seen: Seen::Exact,
        names: ObjectNames::default(),
        go: GoContext::default(),
        extra: Extra::default(),
        wait: None,
        findings: Vec::new(),
    }
}

#[test]
fn local_time_is_that_of_the_moment() {
    let header = header();
    let offsets = [0, 99, 100, 5000].map(|at| header.utc_offset(at));
    assert_eq!(offsets, [3600, 3600, 7200, 7200]);
    assert_eq!(Header::default().utc_offset(5), 0);
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut interner = Interner::default();
        let mut from = Decoder::new(&bytes, &mut interner);
        while Item::get(&mut from).is_ok() {
            if from.is_at_end() {
                break;
            }
        }
    }

    #[test]
    fn numbers_are_read_back(n in any::<u64>(), m in any::<i64>(), k in any::<i32>()) {
        let mut encoder = Encoder::default();
        (n, (m, k)).put(&mut encoder);
        let bytes = encoder.take();
        let mut interner = Interner::default();
        let mut from = Decoder::new(&bytes, &mut interner);
        prop_assert_eq!(<(u64, (i64, i32))>::get(&mut from), Ok((n, (m, k))));
        prop_assert!(from.is_at_end());
    }
}
