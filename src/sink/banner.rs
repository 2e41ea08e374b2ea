//! What is said before the first event: what is traced, how, and what it costs.

use super::line::Human;
use super::summary::Count;
use crate::arch::Arch;
use crate::ids::Pid;
use crate::untrusted::push as push_untrusted;
use std::borrow::Cow;
use std::fmt::Write;
use std::time::Duration;

/// What the banner tells.
#[derive(Clone, PartialEq, Debug)]
pub struct BannerFacts<'a> {
    /// The target's command name.
    pub command: &'a str,
    /// Its process id.
    pub pid: Pid,
    /// Its Go version (`go1.22.3`); `None`: not a Go program.
    pub go_version: Option<&'a str>,
    /// Its machine.
    pub arch: Arch,
    /// Number of its threads now.
    pub threads: usize,
    /// The selected calls, in words: `futex, epoll_wait`.
    pub calls: &'a str,
    /// Only calls that last at least this long.
    pub slow: Option<Duration>,
    /// What it costs the target.
    pub cost: Cost,
}

/// What tracing costs the target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cost {
    /// Every system call of the target stops twice.
    Exact,
    /// Only selected calls stop (a seccomp filter in a command that we started).
    Filtered,
    /// Nothing stops.
    Sampled,
    /// Exact while it costs no more than so many thousandths of the time, then sampled.
    Mixed(u64),
}

impl Cost {
    fn sentence(self) -> Cow<'static, str> {
        let sentence = match self {
            Cost::Exact => {
                "every system call of the target stops twice; a syscall-heavy Go server can \
                 lose most of its throughput (strace: 75-85 %)"
            }
            Cost::Filtered => {
                "every selected system call of the target stops twice; others run free"
            }
            Cost::Sampled => "the target is never stopped",
            Cost::Mixed(per_mille) => {
                return format!(
                    "threads that would lose more than {} % of their time run free, and are \
                     sampled",
                    per_mille as f64 / 10.0
                )
                .into();
            }
        };
        sentence.into()
    }
}

/// The lines for standard error, each ended by a newline.
#[must_use]
pub fn banner(facts: &BannerFacts<'_>) -> String {
    let mut out = String::from("gostrace: ");
    push_untrusted(&mut out, facts.command);
    let arch = match facts.arch {
        Arch::X86_64 => "amd64",
        Arch::Aarch64 => "arm64",
    };
    let mut version = String::new();
    push_untrusted(&mut version, facts.go_version.unwrap_or("not Go"));
    let pid = facts.pid;
    let threads = Count(facts.threads as u64, "thread");
    let _ = writeln!(out, " (pid {pid}, {version}, {arch}, {threads})");
    if facts.go_version.is_none() {
        out.push_str("gostrace: not a Go program, or its Go build data is gone: no goroutines, no Go stacks\n");
    }
    out.push_str("gostrace: tracing ");
    push_untrusted(&mut out, facts.calls);
    if let Some(slow) = facts.slow {
        let _ = write!(out, " that last {} or longer", Human(slow));
    }
    out.push_str("; Ctrl-C detaches\n");
    let _ = writeln!(out, "gostrace: cost: {}", facts.cost.sentence());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> BannerFacts<'static> {
        BannerFacts {
            command: "demo",
            pid: Pid(4711),
            go_version: Some("go1.22.3"),
            arch: Arch::X86_64,
            threads: 14,
            calls: "futex, epoll_wait",
            slow: Some(Duration::from_millis(10)),
            cost: Cost::Exact,
        }
    }

    #[test]
    fn the_banner_says_what_is_traced_and_what_it_costs() {
        assert_eq!(
            banner(&facts()),
            "gostrace: demo (pid 4711, go1.22.3, amd64, 14 threads)\n\
             gostrace: tracing futex, epoll_wait that last 10ms or longer; Ctrl-C detaches\n\
             gostrace: cost: every system call of the target stops twice; a syscall-heavy Go \
             server can lose most of its throughput (strace: 75-85 %)\n"
        );
    }

    #[test]
    fn a_target_that_is_not_go_is_said_once_and_cannot_fake_lines() {
        let text = banner(&BannerFacts {
            command: "x\ny",
            go_version: None,
            threads: 1,
            ..facts()
        });
        assert!(text.starts_with("gostrace: x\\ny (pid 4711, not Go, amd64, 1 thread)\n"));
        assert_eq!(text.matches("not a Go program").count(), 1);
    }
}
