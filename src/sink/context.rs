//! What Go knows about a call, under its line: goroutine and wait class, then the stack.
//!
//! ```text
//!     goroutine 17 [syscall] M 3, P 1 handed off to M 5 [user] (no timeout) a system call...
//!       syscall.Syscall        /usr/lib/go/src/syscall/syscall_linux.go:73 (inlined)
//!       main.(*store).flush    /src/store.go:42
//!       created by main.main
//! ```

use super::finding::wait_text;
use super::goroutine::push_goroutine;
use super::line::{Line, Palette};
use crate::event::{
    Frame, FrameKind, GoContext, Goroutine, Known, Stack, StackEnd, SyscallEvent, Wait, WaitClass,
};

/// Functions longer than this do not push the files of the others to the right.
const MAX_FUNCTION_COLUMN: usize = 44;

/// What of the Go context is shown; more may have been read, for other outputs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shows {
    /// Goroutine and wait class.
    pub goroutine: bool,
    /// The stack, so many frames of it at most.
    pub stack: Option<usize>,
}

impl Default for Shows {
    /// All there is.
    fn default() -> Shows {
        Shows {
            goroutine: true,
            stack: Some(usize::MAX),
        }
    }
}

/// Writes the lines under a call, each ended by a newline; nothing where nothing was asked.
/// The class's explanation is written only if `explain` says so.
pub(super) fn write_context(
    line: &mut Line,
    e: &SyscallEvent,
    palette: &Palette,
    explain: bool,
    shows: Shows,
) {
    if shows.goroutine {
        write_go(line, &e.go, e.wait, palette, explain, shows.stack);
    } else {
        write_go(line, &GoContext::default(), e.wait, palette, explain, None);
    }
}

fn write_go(
    line: &mut Line,
    go: &GoContext,
    wait: Option<Wait>,
    palette: &Palette,
    explain: bool,
    depth: Option<usize>,
) {
    write_goroutine(line, go, wait, palette, explain);
    let Some(depth) = depth else {
        return;
    };
    match &go.stack {
        Known::NotAsked => {}
        Known::Is(stack) => write_stack(line, stack, go.goroutine.get(), palette, depth),
        Known::Unknown(reason) => {
            line.push("      ");
            line.paint(palette.quiet, |l| {
                l.push("stack unknown: ");
                l.untrusted(reason);
            });
            line.push("\n");
        }
    }
}

/// In the words of Go's own traceback, with the wait class behind: `goroutine 17 [syscall] M 3,
/// P 1 [class]`.
fn write_goroutine(
    line: &mut Line,
    go: &GoContext,
    wait: Option<Wait>,
    palette: &Palette,
    explain: bool,
) {
    let wait = wait.map(wait_text);
    if go.goroutine == Known::NotAsked && go.class == Known::NotAsked {
        if let Some(wait) = wait {
            line.push("    ");
            line.paint(palette.goroutine, |l| l.push(&wait));
            line.push("\n");
        }
        return;
    }
    line.push("    ");
    line.paint(palette.goroutine, |l| {
        match &go.goroutine {
            Known::NotAsked => {}
            Known::Is(g) => push_goroutine(&mut l.text, g),
            Known::Unknown(reason) => {
                l.push("goroutine unknown: ");
                l.untrusted(reason);
            }
        }
        let gap = if go.goroutine == Known::NotAsked {
            ""
        } else {
            " "
        };
        match &go.class {
            Known::NotAsked => {}
            Known::Is(class) => l.fmt(format_args!("{gap}[{}]", class.id)),
            Known::Unknown(reason) => {
                l.fmt(format_args!("{gap}[class unknown: "));
                l.untrusted(reason);
                l.push("]");
            }
        }
    });
    if let Some(wait) = wait {
        line.push(" ");
        line.paint(palette.goroutine, |l| l.fmt(format_args!("({wait})")));
    }
    if let Known::Is(WaitClass { explanation, .. }) = go.class
        && explain
        && !explanation.is_empty()
    {
        line.push(" ");
        line.paint(palette.quiet, |l| l.push(explanation));
    }
    line.push("\n");
}

fn write_stack(
    line: &mut Line,
    stack: &Stack,
    g: Option<&Goroutine>,
    palette: &Palette,
    depth: usize,
) {
    let (frames, end) = match stack.frames.get(..depth) {
        Some(frames) if frames.len() < stack.frames.len() => (frames, &StackEnd::Depth),
        _ => (stack.frames.as_slice(), &stack.end),
    };
    let column = frames
        .iter()
        .map(|f| width(&f.func))
        .filter(|w| *w <= MAX_FUNCTION_COLUMN)
        .max()
        .unwrap_or(0);
    for frame in frames {
        write_frame(line, frame, column, palette);
    }
    line.paint(palette.quiet, |l| match end {
        StackEnd::Root => {}
        StackEnd::Depth => l.push("      ...\n"),
        StackEnd::Broken(reason) => {
            l.push("      ... unknown from here: ");
            l.untrusted(reason);
            l.push("\n");
        }
    });
    // Where the stack does not reach its root, say at least where the goroutine began.
    if let Some(entry) = g.and_then(|g| g.entry.as_ref())
        && *end != StackEnd::Root
    {
        write_origin(line, "began in ", entry, palette);
    }
    if let Some(by) = g.and_then(|g| g.created_by.as_ref()) {
        write_origin(line, "created by ", by, palette);
    }
}

fn write_origin(line: &mut Line, how: &str, func: &str, palette: &Palette) {
    line.push("      ");
    line.paint(palette.quiet, |l| {
        l.push(how);
        l.untrusted(func);
    });
    line.push("\n");
}

fn write_frame(line: &mut Line, frame: &Frame, column: usize, palette: &Palette) {
    line.push(match frame.kind {
        FrameKind::Go | FrameKind::Inlined => "      ",
        FrameKind::Native => "    C ",
        FrameKind::Guessed => "    ? ",
    });
    let unnamed = frame.func.is_empty();
    line.paint(palette.function, |l| {
        if unnamed {
            l.fmt(format_args!("{}", frame.pc));
        } else {
            l.untrusted(&frame.func);
        }
    });
    if !frame.file.is_empty() {
        let used = if unnamed { column } else { width(&frame.func) };
        line.spaces(column.saturating_sub(used) + 2);
        line.paint(palette.quiet, |l| {
            l.untrusted(&frame.file);
            if frame.line != 0 {
                l.fmt(format_args!(":{}", frame.line));
            }
        });
    }
    if frame.kind == FrameKind::Inlined {
        line.paint(palette.quiet, |l| l.push(" (inlined)"));
    }
    line.push("\n");
}

fn width(name: &str) -> usize {
    if name.is_ascii() {
        name.len()
    } else {
        name.chars().count()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::event::{GoState, HeldP, PNow};
    use crate::ids::{Addr, Goid};

    pub fn frame(func: &str, file: &str, line: u32, kind: FrameKind) -> Frame {
        Frame {
            pc: Addr(0x401000),
            func: func.into(),
            file: file.into(),
            line,
            kind,
        }
    }

    pub fn user_context() -> GoContext {
        GoContext {
            goroutine: Known::Is(Goroutine {
                goid: Goid(17),
                entry: Some("main.worker".into()),
                created_by: Some("main.main".into()),
                state: Some(GoState::Syscall),
                locked: true,
                kept_for: None,
                in_cgo: false,
                m: 3,
                p: HeldP::Left(1, PNow::OfM(5)),
            }),
            stack: Known::Is(Stack {
                frames: vec![
                    frame(
                        "syscall.read",
                        "/go/src/syscall/z.go",
                        736,
                        FrameKind::Inlined,
                    ),
                    frame("main.(*store).flush", "/src/store.go", 42, FrameKind::Go),
                    frame("main.worker", "/src/main.go", 7, FrameKind::Go),
                ],
                end: StackEnd::Root,
            }),
            class: Known::Is(WaitClass {
                id: "user",
                parked: false,
                explanation: "a system call made by Go code",
            }),
        }
    }

    fn text(go: &GoContext, explain: bool) -> String {
        let mut line = Line::default();
        let depth = Some(usize::MAX);
        write_go(&mut line, go, None, &Palette::plain(), explain, depth);
        line.text
    }

    #[test]
    fn goroutine_class_and_stack_have_a_line_each() {
        let expected = "    goroutine 17 [syscall, locked to thread] M 3, P 1 handed off to M 5 [user] a system call made by Go code
      syscall.read         /go/src/syscall/z.go:736 (inlined)
      main.(*store).flush  /src/store.go:42
      main.worker          /src/main.go:7
      created by main.main
";
        assert_eq!(text(&user_context(), true), expected);
        let brief = expected.replace(" a system call made by Go code", "");
        assert_eq!(text(&user_context(), false), brief);
    }

    #[test]
    fn native_and_guessed_frames_are_marked_and_a_broken_end_says_why() {
        let mut go = user_context();
        let long = "main.aFunctionWithANameThatIsLongerThanTheColumnAllows";
        go.stack = Known::Is(Stack {
            frames: vec![
                frame("nanosleep", "libc.so.6", 0, FrameKind::Native),
                frame("", "libfoo.so", 0, FrameKind::Native),
                frame("", "", 0, FrameKind::Native),
                frame(long, "/src/a.go", 1, FrameKind::Guessed),
            ],
            end: StackEnd::Broken("no unwind data in libfoo.so".into()),
        });
        assert_eq!(
            text(&go, false),
            "    goroutine 17 [syscall, locked to thread] M 3, P 1 handed off to M 5 [user]
    C nanosleep  libc.so.6
    C 0x401000  libfoo.so
    C 0x401000
    ? main.aFunctionWithANameThatIsLongerThanTheColumnAllows  /src/a.go:1
      ... unknown from here: no unwind data in libfoo.so
      began in main.worker
      created by main.main
"
        );
    }

    #[test]
    fn what_is_unknown_says_why_and_what_was_not_asked_says_nothing() {
        assert_eq!(text(&GoContext::default(), true), "");
        let go = GoContext {
            goroutine: Known::Unknown("thread was not stopped".into()),
            stack: Known::Unknown("thread was not stopped".into()),
            class: Known::NotAsked,
        };
        assert_eq!(
            text(&go, true),
            "    goroutine unknown: thread was not stopped
      stack unknown: thread was not stopped
"
        );
        let system = GoContext {
            goroutine: Known::Is(Goroutine {
                goid: Goid(0),
                entry: None,
                created_by: None,
                state: None,
                locked: false,
                kept_for: None,
                in_cgo: false,
                m: 0,
                p: HeldP::Held(2),
            }),
            stack: Known::NotAsked,
            class: Known::Unknown("no stack".into()),
        };
        assert_eq!(
            text(&system, true),
            "    no goroutine (system stack), M 0, P 2 [class unknown: no stack]\n"
        );
    }

    #[test]
    fn a_stack_cut_at_the_depth_limit_says_where_the_goroutine_began() {
        let mut go = user_context();
        if let Known::Is(stack) = &mut go.stack {
            stack.frames.truncate(2);
            stack.end = StackEnd::Depth;
        }
        assert!(
            text(&go, false).ends_with(
                ":42\n      ...\n      began in main.worker\n      created by main.main\n"
            )
        );
    }
}
