//! Which frames of a stack are the program's: where to look in its sources.

use crate::event::{Frame, FrameKind};

/// Prefixes of functions that are not the program's, or a library's of which it knows that it
/// waits: they are on the way from there to every call.
const NOT_THE_PROGRAMS: &[&str] = &[
    "runtime.",
    "runtime/",
    "internal/",
    "syscall.",
    "golang.org/x/sys/",
    "os.",
    "os/",
    "net.",
    "io.",
    "bufio.",
    "fmt.",
    "sync.",
    "_cgo_",
    "main._Cfunc_",
];

/// The innermost Go function among the frames of a stack that is the program's, or a library's; guesses do not
/// count.
#[must_use]
pub fn caller(frames: &[Frame]) -> Option<&Frame> {
    frames.iter().find(|f| {
        let is_go = matches!(f.kind, FrameKind::Go | FrameKind::Inlined);
        is_go && !NOT_THE_PROGRAMS.iter().any(|p| f.func.starts_with(p))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Addr;

    fn stack(funcs: &[(&str, FrameKind)]) -> Vec<Frame> {
        let frame = |(func, kind): &(&str, FrameKind)| Frame {
            pc: Addr(0),
            func: (*func).into(),
            file: "".into(),
            line: 0,
            kind: *kind,
        };
        funcs.iter().map(frame).collect()
    }

    #[test]
    fn the_caller_is_the_innermost_function_that_somebody_wrote_who_could_change_it() {
        use FrameKind::{Go, Guessed, Inlined, Native};
        let s = stack(&[
            ("read", Native),
            ("syscall.Syscall", Inlined),
            ("internal/poll.(*FD).Read", Go),
            ("net.(*conn).Read", Go),
            ("main.wrong", Guessed),
            ("net/http.(*persistConn).Read", Go),
            ("main.main", Go),
        ]);
        let found = caller(&s).map(|f| &*f.func);
        assert_eq!(found, Some("net/http.(*persistConn).Read"));
        assert_eq!(caller(&stack(&[("runtime.mstart", Go)])), None);
    }
}
