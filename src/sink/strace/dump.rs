//! Buffers in full: strace's `-e read=` and `-e write=`.

use crate::event::Dump;
use crate::sink::line::Line;

const BYTES_PER_LINE: usize = 16;

/// Writes the dumps below a call's line.
pub(super) fn write(line: &mut Line, dumps: &[Dump]) {
    for dump in dumps {
        match dump {
            Dump::Message(place, buffers) => {
                line.fmt(format_args!(" = {buffers} buffers in vector {place}\n"));
            }
            Dump::Bytes(place, bytes) => {
                if let Some(place) = place {
                    line.fmt(format_args!(" * {} bytes in buffer {place}\n", bytes.len()));
                }
                write_bytes(line, bytes);
            }
        }
    }
}

/// ` | 00000  68 65 6c 6c 6f 20 77 6f  72 6c 64 0a 30 31 32 33  hello world.0123 |`
fn write_bytes(line: &mut Line, bytes: &[u8]) {
    // As many digits as the last offset needs, and at least five.
    let width = format!("{:x}", bytes.len().saturating_sub(1)).len().max(5);
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
