//! What tracing needs here, what is missing and how to get it: the report of `gostrace doctor`.
//!
//! The kernel's own answers (something was tried) decide what is possible; the rules say why not,
//! in the words that any error uses.

use super::checks::{self, is_confined, is_initial, privileged};
use super::status::CAP_SYS_PTRACE;
use super::target::both_ids;
use super::words::{self, gain_privilege};
use super::{Cause, PermissionFacts, Seccomp, Suitable, Unsuitable};
use crate::ids::Errno;
use crate::untrusted::clean;
use std::fmt;

/// What was found out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// Ours, and the target's where there is one.
    pub permission: PermissionFacts,
    /// The target; `None`: none was named.
    pub target: Option<Target>,
    /// Our kernel.
    pub kernel: Kernel,
}

/// What was found out of the process that was named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Whether anyone can trace it.
    pub suitable: Result<Suitable, Unsuitable>,
    /// What was tried on it.
    pub tried: Tried,
}

/// What was tried on the target. `Err`: what the kernel said; the first error of several.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tried {
    /// PTRACE_SEIZE, let go at once.
    pub seize: Result<(), Errno>,
    /// Its memory, by process_vm_readv or /proc/PID/mem.
    pub memory: Result<(), Errno>,
    /// /proc/PID/syscall, which says what its threads wait in.
    pub syscall: Result<(), Errno>,
    /// /proc/PID/stack.
    pub kernel_stack: Result<(), Errno>,
}

/// What our kernel offers, tried on ourselves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Kernel {
    /// Its release: `6.1.0-18-amd64`.
    pub release: String,
    /// PTRACE_GET_SYSCALL_INFO; `None`: it could not be tried.
    pub syscall_info: Option<bool>,
    /// process_vm_readv(2).
    pub vm_readv: bool,
    /// What a thread waits in, by /proc/TID/syscall.
    pub proc_syscall: bool,
}

/// What a line says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is as tracing needs it.
    Fine,
    /// It is in the way.
    Missing,
    /// It limits what can be shown, or who can be traced.
    Limited,
}

/// One line of the report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Whether it is in the way.
    pub verdict: Verdict,
    /// What was looked at.
    pub what: &'static str,
    /// What was found; and the remedy, where something is missing.
    pub text: String,
}

impl Line {
    fn fine(what: &'static str, text: impl Into<String>) -> Line {
        Line::new(Verdict::Fine, what, text)
    }

    fn new(verdict: Verdict, what: &'static str, text: impl Into<String>) -> Line {
        Line {
            verdict,
            what,
            text: clean(&text.into()).into_owned(),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Fine => "ok",
            Verdict::Missing => "NO",
            Verdict::Limited => "-",
        };
        write!(f, "{verdict:<3} {:<16} {}", self.what, self.text)
    }
}

/// The report, a line for each check, in the order in which they count.
#[must_use]
pub fn report(facts: &Facts) -> Vec<Line> {
    let permission = &facts.permission;
    match &facts.target {
        None => {
            let mut lines = vec![seccomp(permission)];
            lines.extend(own_rules(permission));
            lines.extend(kernel(&facts.kernel));
            lines
        }
        Some(target) => match &target.suitable {
            Err(why) => vec![Line::new(Verdict::Missing, "process", why.to_string())],
            Ok(suitable) => {
                let mut lines = vec![process(permission, suitable)];
                let nested = both_ids(&permission.target);
                let notes = suitable
                    .notes
                    .iter()
                    .filter(|n| Some(*n) != nested.as_ref());
                lines.extend(notes.map(|note| Line::new(Verdict::Limited, "process", note)));
                lines.extend(rules(permission));
                lines.push(pid_namespace(permission));
                lines.extend(possible(permission, &target.tried, &facts.kernel));
                lines.extend(kernel(&facts.kernel));
                lines
            }
        },
    }
}

/// The exit status: that of an attach. Without a target, whether there is any that could be traced.
#[must_use]
pub fn exit_code(facts: &Facts) -> u8 {
    const NOT_PERMITTED: u8 = 77;
    let fine = match &facts.target {
        None => report(facts).iter().all(|l| l.verdict != Verdict::Missing),
        Some(target) => match &target.suitable {
            Err(why) => return why.exit_code(),
            Ok(_) => target.tried.seize.is_ok() && target.tried.memory.is_ok(),
        },
    };
    if fine { 0 } else { NOT_PERMITTED }
}

fn process(facts: &PermissionFacts, suitable: &Suitable) -> Line {
    let target = &facts.target;
    let threads = match target.threads {
        1 => "1 thread".to_owned(),
        n => format!("{n} threads"),
    };
    let text = format!("{} ({}), {threads}", suitable.pid, target.name);
    Line::fine("process", text)
}

/// A rule: what it says if it forbids, or what it was found to be.
fn rule(
    facts: &PermissionFacts,
    what: &'static str,
    cause: Option<Cause>,
    fine: impl FnOnce() -> String,
) -> Line {
    match cause {
        Some(cause) => {
            let (reason, remedy) = words::of(facts, &cause);
            Line::new(Verdict::Missing, what, format!("{reason}; {remedy}"))
        }
        None => Line::fine(what, fine()),
    }
}

fn seccomp(facts: &PermissionFacts) -> Line {
    let cause = (facts.ptrace_filtered == Some(true)).then_some(Cause::Seccomp);
    rule(facts, "seccomp", cause, || {
        match facts.own.seccomp {
            Seccomp::Off => "no filter",
            _ => "gostrace runs under a filter, which allows ptrace",
        }
        .to_owned()
    })
}

/// The kernel's rules on us and the target.
fn rules(facts: &PermissionFacts) -> Vec<Line> {
    let (own, target) = (&facts.own, &facts.target);
    let overridden = |text: &str| match privileged(facts) {
        true => format!("{text}; gostrace has CAP_SYS_PTRACE"),
        false => text.to_owned(),
    };
    vec![
        rule(facts, "tracer", checks::traced(facts), || "none".to_owned()),
        seccomp(facts),
        rule(facts, "user", checks::user(facts), || {
            let ids =
                |s: &super::ProcessStatus| format!("{}:{}", s.uids.effective, s.gids.effective);
            overridden(&format!("{}, gostrace is {}", ids(target), ids(own)))
        }),
        rule(
            facts,
            "user namespace",
            checks::user_namespace(facts),
            || match facts.own_namespace.zip(facts.target_namespace) {
                Some((own, target)) if own == target => "the same".to_owned(),
                Some(_) => "another, in which privileges of ours count".to_owned(),
                None => "cannot be seen".to_owned(),
            },
        ),
        rule(facts, "dumpable", checks::dumpable(facts), || {
            overridden(match facts.dumpable {
                Some(true) => "yes",
                Some(false) => "no",
                None => "cannot be seen of a process of root's",
            })
        }),
        rule(facts, "capabilities", checks::capabilities(facts), || {
            let more = target.permitted.without(own.permitted);
            match more == super::Capabilities(0) {
                true => "none that gostrace lacks".to_owned(),
                false => overridden(&format!("more than gostrace ({})", words::some_names(more))),
            }
        }),
        rule(facts, "Yama", checks::yama(facts), || match facts.yama {
            None => "not in this kernel".to_owned(),
            Some(0) => "ptrace_scope is 0".to_owned(),
            Some(1) if facts.descends => "ptrace_scope is 1, and gostrace started it".to_owned(),
            Some(scope) => overridden(&format!("ptrace_scope is {scope}")),
        }),
        security_module(facts),
    ]
}

/// What a profile forbids cannot be read: it is shown, and blamed where nothing else is in the way.
fn security_module(facts: &PermissionFacts) -> Line {
    let label = |label: &Option<String>| {
        let label = label
            .as_deref()
            .map(|l| l.trim_matches(|c: char| c == '\0' || c.is_whitespace()));
        label.filter(|l| !l.is_empty()).map(str::to_owned)
    };
    let verdict = if is_confined(facts) {
        Verdict::Limited
    } else {
        Verdict::Fine
    };
    let text = match (label(&facts.lsm_label), label(&facts.target_label)) {
        (None, None) => "no profiles".to_owned(),
        (own, None) => format!("gostrace runs under {}", own.unwrap_or_default()),
        (own, Some(target)) => format!(
            "gostrace runs under {}, it under {target}",
            own.as_deref().unwrap_or("none")
        ),
    };
    Line::new(verdict, "security module", text)
}

fn pid_namespace(facts: &PermissionFacts) -> Line {
    let nested = both_ids(&facts.target);
    Line::fine("PID namespace", nested.unwrap_or("the same".to_owned()))
}

/// What can be done to the target, by trial.
fn possible(facts: &PermissionFacts, tried: &Tried, kernel: &Kernel) -> Vec<Line> {
    let refused = |errno: Errno, fine: &str| match errno.0 {
        libc::EPERM | libc::EACCES => {
            let (reason, remedy) = words::of(facts, &checks::first_cause(facts));
            format!("{fine}: {reason}; {remedy}")
        }
        _ => format!("{fine}: error {errno}", errno = errno.0),
    };
    let trial = |what, fine: &str, tried: Result<(), Errno>| match tried {
        Ok(()) => Line::fine(what, fine),
        Err(errno) => Line::new(Verdict::Missing, what, refused(errno, "not possible")),
    };
    // Whatever a filter answers in the kernel's place, it is a refusal.
    let seize = match facts.ptrace_filtered {
        Some(true) => tried.seize.map_err(|_| Errno(libc::EPERM)),
        _ => tried.seize,
    };
    let looks = match kernel.proc_syscall {
        true => tried.memory.and(tried.syscall),
        false => tried.memory,
    };
    let mut lines = vec![
        trial("exact", "possible: every call", seize.and(tried.memory)),
        trial("sample", "possible: --sample stops nothing", looks),
        trial("dump", "possible: gostrace dump", tried.memory),
    ];
    lines.push(match tried.kernel_stack {
        Ok(()) => Line::fine("kernel stacks", "possible: /proc/PID/stack"),
        Err(_) => Line::new(
            Verdict::Limited,
            "kernel stacks",
            "not shown: the kernel asks for CAP_SYS_ADMIN outside all user namespaces; run gostrace \
             as root of the host",
        ),
    });
    lines
}

/// The rules as far as they concern us alone.
fn own_rules(facts: &PermissionFacts) -> Vec<Line> {
    let mighty = facts.own.effective.has(CAP_SYS_PTRACE);
    let user = if mighty {
        Line::fine("user", "gostrace has CAP_SYS_PTRACE: any user's processes")
    } else {
        let text = format!(
            "only processes of uid {}, without CAP_SYS_PTRACE; for others, {}",
            facts.own.uids.real,
            gain_privilege(facts)
        );
        Line::new(Verdict::Limited, "user", text)
    };
    let namespace = match is_initial(facts.own_namespace) {
        true => Line::fine("user namespace", "the initial one"),
        false => Line::new(
            Verdict::Limited,
            "user namespace",
            "a nested one (a container): only processes in it and below",
        ),
    };
    let yama = match facts.yama {
        Some(1) if !mighty => {
            let (reason, remedy) = words::of(facts, &Cause::YamaAncestors);
            Line::new(Verdict::Limited, "Yama", format!("{reason}; {remedy}"))
        }
        _ => rule(facts, "Yama", checks::yama(facts), || match facts.yama {
            None => "not in this kernel".to_owned(),
            Some(scope) => format!("ptrace_scope is {scope}"),
        }),
    };
    vec![user, namespace, yama, security_module(facts)]
}

fn kernel(kernel: &Kernel) -> Vec<Line> {
    let feature = |what, there: bool, text: &str, without: &str| match there {
        true => Line::fine(what, text),
        false => Line::new(Verdict::Limited, what, without),
    };
    let mut lines = vec![Line::fine(
        "kernel",
        format!("Linux {}", kernel.release.trim()),
    )];
    if let Some(there) = kernel.syscall_info {
        lines.push(feature(
            "syscall info",
            there,
            "PTRACE_GET_SYSCALL_INFO works",
            "no PTRACE_GET_SYSCALL_INFO (Linux 5.3): a call's entry and exit are told by counting",
        ));
    }
    lines.push(feature(
        "memory",
        kernel.vm_readv,
        "process_vm_readv works",
        "process_vm_readv is refused (a seccomp filter): read by /proc/PID/mem, more slowly",
    ));
    lines.push(feature(
        "calls in /proc",
        kernel.proc_syscall,
        "/proc/TID/syscall works",
        "/proc/TID/syscall shows nothing here (gVisor, or CONFIG_HAVE_ARCH_TRACEHOOK): no --sample",
    ));
    lines
}

#[cfg(test)]
mod tests {
    use super::super::{Capabilities, ProcessStatus};
    use super::*;
    use crate::ids::Pid;

    fn user(uid: u32) -> ProcessStatus {
        ProcessStatus::parse(&format!(
            "Name:\tserver\nTgid:\t7\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nGid:\t5\t5\t5\t5\nThreads:\t3\nNSpid:\t7\n"
        ))
    }

    fn facts(tried: Result<(), Errno>) -> Facts {
        Facts {
            permission: PermissionFacts {
                own: user(1000),
                target: user(1000),
                dumpable: Some(true),
                ptrace_filtered: Some(false),
                ..PermissionFacts::default()
            },
            target: Some(Target {
                suitable: Ok(Suitable {
                    pid: Pid(7),
                    notes: vec![],
                }),
                tried: Tried {
                    seize: tried,
                    memory: tried,
                    syscall: tried,
                    kernel_stack: tried,
                },
            }),
            kernel: Kernel::default(),
        }
    }

    fn line(facts: &Facts, what: &str) -> (Verdict, String) {
        let line = report(facts).into_iter().find(|l| l.what == what).unwrap();
        assert!(!line.text.contains('\n'), "{line}");
        (line.verdict, line.text)
    }

    /// Recorded: this kernel has no Yama.
    #[test]
    fn each_scope_of_yama_is_told_and_blamed_when_it_is_in_the_way() {
        for (scope, expected) in [
            (0, Verdict::Fine),
            (1, Verdict::Missing),
            (2, Verdict::Missing),
            (3, Verdict::Missing),
        ] {
            let refused = match expected {
                Verdict::Fine => Ok(()),
                _ => Err(Errno(libc::EPERM)),
            };
            let mut facts = facts(refused);
            facts.permission.yama = Some(scope);
            let (verdict, text) = line(&facts, "Yama");
            assert_eq!(verdict, expected, "{scope}");
            assert!(text.contains(&format!("ptrace_scope is {scope}")), "{text}");
            assert_eq!(exit_code(&facts), if refused.is_ok() { 0 } else { 77 });
            if refused.is_err() {
                assert!(line(&facts, "exact").1.contains(&text), "{text}");
            }
            // With the capability, scope 3 alone forbids it.
            facts.permission.own.effective = Capabilities(1 << CAP_SYS_PTRACE);
            let expected = if scope == 3 {
                Verdict::Missing
            } else {
                Verdict::Fine
            };
            assert_eq!(line(&facts, "Yama").0, expected, "{scope}");
            facts.target = None;
            assert_eq!(line(&facts, "Yama").0, expected, "{scope}");
            assert_eq!(exit_code(&facts), if scope == 3 { 77 } else { 0 });
        }
    }

    #[test]
    fn a_profile_is_shown_and_blamed_when_nothing_else_is_in_the_way() {
        let mut facts = facts(Err(Errno(libc::EACCES)));
        facts.permission.lsm_label = Some("docker-default (enforce)\n".to_owned());
        facts.permission.target_label = Some("nginx (enforce)\n\0".to_owned());
        let (verdict, text) = line(&facts, "security module");
        assert_eq!(verdict, Verdict::Limited);
        assert!(
            text.contains("docker-default (enforce), it under nginx"),
            "{text}"
        );
        assert!(
            line(&facts, "exact").1.contains("security policy"),
            "{text}"
        );
    }

    #[test]
    fn what_the_kernel_lacks_only_limits() {
        let mut facts = facts(Ok(()));
        facts.kernel.syscall_info = Some(false);
        for what in ["syscall info", "memory", "calls in /proc"] {
            assert_eq!(line(&facts, what).0, Verdict::Limited);
        }
        assert_eq!(exit_code(&facts), 0);
        facts.target = None;
        assert_eq!(exit_code(&facts), 0);
        let user = line(&facts, "user");
        assert!(
            user.1.contains("uid 1000") && user.1.contains("sudo"),
            "{user:?}"
        );
    }
}
