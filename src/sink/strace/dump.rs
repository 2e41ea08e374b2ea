//! Buffers in full: strace's `-e read=` and `-e write=`.

use crate::event::{DUMP_PIECE, Dump};
use crate::ids::{Addr, Tid};
use crate::sink::line::Line;

const BYTES_PER_LINE: usize = 16;

/// Writes the dumps below the line of a call of this thread.
pub(super) fn write(line: &mut Line, tid: Tid, dumps: &[Dump]) {
    for dump in dumps {
        match dump {
            Dump::Message(place, buffers) => {
                line.fmt(format_args!(" = {buffers} buffers in vector {place}\n"));
            }
            Dump::Bytes(place, bytes) => {
                let length = bytes.len() as u64;
                write_buffer(line, *place, bytes, length);
            }
            Dump::Cut {
                place,
                at,
                length,
                bytes,
            } => {
                write_buffer(line, *place, bytes, *length);
                write_missing(line, tid, *at, bytes.len() as u64, *length);
            }
        }
    }
}

fn write_buffer(line: &mut Line, place: Option<usize>, bytes: &[u8], length: u64) {
    if let Some(place) = place {
        line.fmt(format_args!(" * {length} bytes in buffer {place}\n"));
    }
    write_bytes(line, bytes, length);
}

/// Of what could not be read, the next piece. Nothing where there is nothing above it.
fn write_missing(line: &mut Line, tid: Tid, at: Addr, shown: u64, length: u64) {
    if shown == 0 {
        return;
    }
    let missing = length.saturating_sub(shown).min(DUMP_PIECE);
    let plural = if missing == 1 { "" } else { "s" };
    let at = at.0.wrapping_add(shown);
    line.fmt(format_args!(
        " | <Cannot fetch {missing} byte{plural} from pid {tid} @{at:#x}>\n"
    ));
}

/// ` | 00000  68 65 6c 6c 6f 20 77 6f  72 6c 64 0a 30 31 32 33  hello world.0123 |`
fn write_bytes(line: &mut Line, bytes: &[u8], length: u64) {
    // As many digits as the last offset needs, and at least five.
    let width = format!("{:x}", length.saturating_sub(1)).len().max(5);
    for (row, chunk) in bytes.chunks(BYTES_PER_LINE).enumerate() {
        line.fmt(format_args!(" | {:0width$x} ", row * BYTES_PER_LINE));
        for i in 0..BYTES_PER_LINE {
            if i % 8 == 0 {
                line.push(" ");
            }
            match chunk.get(i) {
                Some(byte) => line.fmt(format_args!("{byte:02x} ")),
                None => line.push("   "),
            }
        }
        line.push(" ");
        for byte in chunk {
            let shown = if matches!(byte, b' '..=b'~') {
                *byte
            } else {
                b'.'
            };
            line.text.push(char::from(shown));
        }
        line.spaces(BYTES_PER_LINE - chunk.len());
        line.push(" |\n");
    }
}
