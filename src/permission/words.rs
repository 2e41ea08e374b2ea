//! Each cause and its remedy in words: the same for every error and for `gostrace doctor`.

use super::status::CAP_SYS_PTRACE;
use super::{Capabilities, Cause, Container, PermissionFacts};
use crate::ids::Pid;

/// What forbids it, and what helps.
pub(super) fn of(facts: &PermissionFacts, cause: &Cause) -> (String, String) {
    let own_uid = facts.own.uids.real;
    match cause {
        Cause::YamaNobody => (
            "kernel.yama.ptrace_scope is 3, which forbids all tracing until the next boot"
                .to_owned(),
            "set it to 2 or less in /etc/sysctl.d and reboot".to_owned(),
        ),
        Cause::YamaPrivileged => (
            "kernel.yama.ptrace_scope is 2, which asks for CAP_SYS_PTRACE".to_owned(),
            gain_privilege(facts),
        ),
        Cause::YamaAncestors => (
            "kernel.yama.ptrace_scope is 1, which lets only a process's ancestors trace \
                it"
            .to_owned(),
            format!(
                "{}, or set it to 0 (`sysctl kernel.yama.ptrace_scope=0`), or start the program \
                    with `gostrace -- COMMAND`",
                gain_privilege(facts)
            ),
        ),
        Cause::OtherUser(uid) => (
            format!("it runs as uid {uid}, gostrace as uid {own_uid} without CAP_SYS_PTRACE"),
            match facts.container {
                Some(_) => format!("{}, or run gostrace as uid {uid}", gain_privilege(facts)),
                None if own_uid == 0 => gain_privilege(facts),
                None => format!("{}, or as uid {uid}", gain_privilege(facts)),
            },
        ),
        Cause::OtherGroup(gid) => (
            format!(
                "it runs with gid {gid}, gostrace with gid {}",
                facts.own.gids.real
            ),
            gain_privilege(facts),
        ),
        Cause::UserNamespace => (
            "it is in another user namespace (a container), where our privileges do not \
                count"
                .to_owned(),
            format!(
                "run gostrace as root outside all containers, or inside that one (`nsenter -t \
                    {} -U -p -m`)",
                facts.target.process.unwrap_or(Pid(0))
            ),
        ),
        Cause::NotDumpable => (
            "it has made itself untraceable: a set-user-id program, or \
                prctl(PR_SET_DUMPABLE)"
                .to_owned(),
            gain_privilege(facts),
        ),
        Cause::MoreCapabilities(more) => (
            format!(
                "it has more capabilities than gostrace ({})",
                some_names(*more)
            ),
            gain_privilege(facts),
        ),
        Cause::Traced(None) => (
            "another process traces it already, one that cannot be seen from here".to_owned(),
            "end that tracer (strace, gdb, dlv) first".to_owned(),
        ),
        Cause::Traced(Some(tracer)) => {
            let name = facts.tracer_name.as_deref().unwrap_or("?");
            (
                format!("process {tracer} ({name}) traces it already"),
                format!("end or detach {name} first; a process has one tracer at most"),
            )
        }
        Cause::Seccomp => (
            match facts.ptrace_filtered {
                Some(true) => "gostrace runs under a seccomp filter, which forbids ptrace",
                _ => "gostrace runs under a seccomp filter, which seems to forbid ptrace",
            }
            .to_owned(),
            match facts.container {
                Some(Container::Kubernetes) => "set `seccompProfile.type: Unconfined` for this \
                    container, or add SYS_PTRACE to its capabilities"
                    .to_owned(),
                Some(Container::Engine) => "start the container with `--cap-add=SYS_PTRACE`, or \
                    with `--security-opt seccomp=unconfined`"
                    .to_owned(),
                None => "run it outside the sandbox (container, systemd SystemCallFilter=) that \
                    it was started in"
                    .to_owned(),
            },
        ),
        Cause::SecurityModule => (
            format!(
                "a security policy seems to forbid it \
                ({})",
                facts.lsm_label.as_deref().unwrap_or("?").trim()
            ),
            match facts.container {
                Some(Container::Engine) => "start the container with `--security-opt \
                    apparmor=unconfined`"
                    .to_owned(),
                _ => "see the kernel log (`dmesg | grep -i denied`) for the rule".to_owned(),
            },
        ),
        Cause::Unknown => (
            "the kernel refused it without a reason that can be seen".to_owned(),
            gain_privilege(facts),
        ),
    }
}

/// How to come by CAP_SYS_PTRACE from where we are.
pub(super) fn gain_privilege(facts: &PermissionFacts) -> String {
    match facts.container {
        Some(Container::Kubernetes) => {
            return "add SYS_PTRACE to securityContext.capabilities.add of this container"
                .to_owned();
        }
        Some(Container::Engine) => {
            return "start the container with `--cap-add=SYS_PTRACE`".to_owned();
        }
        None => {}
    }
    if facts.own.effective.has(CAP_SYS_PTRACE) {
        return "run gostrace as root outside any container or sandbox".to_owned();
    }
    if facts.own.uids.effective == 0 {
        return "run gostrace where root keeps CAP_SYS_PTRACE; here it was dropped".to_owned();
    }
    if facts.own.no_new_privs {
        return "run gostrace with sudo from another shell; this one can gain no privileges \
            (no_new_privs)"
            .to_owned();
    }
    "run gostrace with sudo".to_owned()
}

/// The first few names.
pub(super) fn some_names(capabilities: Capabilities) -> String {
    const SHOWN: usize = 3;
    let names: Vec<String> = capabilities.names().collect();
    match names.get(..SHOWN) {
        Some(first) if names.len() > SHOWN => {
            format!("{} and {} more", first.join(", "), names.len() - SHOWN)
        }
        _ => names.join(", "),
    }
}
