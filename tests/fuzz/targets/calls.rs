//! What a call is given: arguments in the memory of the process. And what a recording says of calls.

use super::Input;
use gostrace::arch::Abi;
use gostrace::event::{
    Event, Extra, GoContext, ObjectNames, Outcome, RawCall, Seen, Start, SyscallEvent, Timestamp,
};
use gostrace::ids::{Addr, Errno, Pid, Tid};
use gostrace::memory::Segments;
use gostrace::record::codec::{Codec, Decoder, Interner};
use gostrace::record::{Item, Reader, is_recording};
use gostrace::sink::{JsonSink, Shows, Sink, TextSink, TextStyle};
use gostrace::syscall::{DecodeContext, NetlinkProtocol, decode_entry, decode_exit};
use std::io;

/// Where the memory of the process is.
const BASE: u64 = 0xc000_0000;
/// What a call may cost to show, per byte of its memory, and at the least.
const LINE: usize = 1 << 20;

/// A call, and the memory that it points to: two bytes for which, one for how it is decoded, one
/// for how it ended, six of two bytes for its arguments; the rest is memory.
pub fn decode(bytes: &[u8]) {
    const ABIS: [Abi; 4] = [Abi::X86_64, Abi::Aarch64, Abi::I386, Abi::Arm];
    let input = Input::new(bytes);
    let (nr, how, end) = (input.word(2) % 512, input.byte(), input.byte());
    let args = [0; 6].map(|_| argument(input.word(2)));
    let mut memory = Segments::new();
    memory.map(Addr(BASE), input.rest().to_vec());
    let call = RawCall {
        abi: ABIS[usize::from(how & 3)],
        nr,
        args,
    };
    let netlink: NetlinkProtocol = |_, fd| u32::try_from(fd).ok();
    let context = DecodeContext {
        memory: &memory,
        string_limit: if how & 4 != 0 { 32 } else { 4096 },
        verbose: how & 8 != 0,
        netlink: (how & 16 != 0).then_some((Tid(2), netlink)),
        sp: Some(Addr(BASE)),
        now: Timestamp::default(),
    };
    let outcome = match end {
        255 => Outcome::Failed(Errno(14)),
        254 => Outcome::Returned(i64::MAX),
        253 => Outcome::Returned(1 << 40),
        end => Outcome::Returned(i64::from(end)),
    };
    let mut args = decode_entry(&call, &context);
    decode_exit(&call, outcome, &context, &mut args);
    let event = Event::Syscall(Box::new(SyscallEvent {
        pid: Pid(1),
        tid: Tid(2),
        call,
        args,
        start: Start::Seen(Timestamp::default()),
        end: Timestamp::default(),
        outcome,
        seen: Seen::Exact,
        extra: Extra::default(),
        names: ObjectNames::default(),
        go: GoContext::default(),
        wait: None,
        findings: Vec::new(),
    }));
    show(&event, bytes.len());
}

/// Small numbers, addresses in the memory, and sizes that are not true.
fn argument(word: u64) -> u64 {
    let (kind, value) = (word >> 12, word & 0xfff);
    match kind {
        0..4 => value,
        4..12 => BASE + value,
        12 => value << 32,
        13 => u64::MAX - value,
        14 => value << 20,
        _ => BASE + (value << 12),
    }
}

fn show(event: &Event, len: usize) {
    let mut out = Vec::new();
    let _: io::Result<()> = TextSink::new(&mut out, TextStyle::default()).event(event);
    let _: io::Result<()> = JsonSink::new(&mut out, Shows::default()).event(event);
    assert!(out.len() <= LINE + len * 256, "{} bytes", out.len());
}

/// A recording; and a block of one, which in a recording is packed and has a checksum.
pub fn recording(bytes: &[u8]) {
    let _ = is_recording(bytes);
    if let Ok(mut reader) = Reader::new(bytes) {
        while let Ok(Some(item)) = reader.next_item() {
            shown(&item, bytes.len());
        }
    }
    let mut interner = Interner::default();
    let mut from = Decoder::new(bytes, &mut interner);
    while !from.is_at_end() {
        let Ok(item) = Item::get(&mut from) else {
            break;
        };
        shown(&item, bytes.len());
    }
}

fn shown(item: &Item, len: usize) {
    if let Item::Event(event) = item {
        show(event, len);
    }
}
