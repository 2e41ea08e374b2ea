//! Stacks in strace's form: ` > /lib/libc.so.6(read+0x10) [0xfe1c0]`.

use crate::event::{Known, Stack};
use crate::sink::line::Line;

/// Writes the frames below a call's line.
pub(super) fn write(line: &mut Line, stack: &Known<Stack>) {
    let Known::Is(stack) = stack else {
        return;
    };
    for frame in &stack.frames {
        line.push(" > ");
        line.untrusted(&frame.file);
        line.push("(");
        line.untrusted(&frame.func);
        line.push(")");
        line.fmt(format_args!(" [{:#x}]\n", frame.pc.0));
    }
}
