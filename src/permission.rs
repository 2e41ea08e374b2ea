//! Why tracing is not permitted, and what helps: a pure diagnosis from facts that others gather.
//!
//! The rules are the kernel's own: `__ptrace_may_access` and `ptrace_attach` (kernel/ptrace.c),
//! `cap_ptrace_access_check` (security/commoncap.c), Yama (security/yama/yama_lsm.c); see
//! ptrace(2), "Ptrace access mode checking".

pub mod status;
pub mod target;

pub use status::{Capabilities, ProcessStatus, Seccomp};
pub use target::{Suitable, TargetFacts, Unsuitable, assess};

use crate::ids::Pid;
use status::CAP_SYS_PTRACE;

/// The inode of the initial user namespace (PROC_USER_INIT_INO, include/linux/proc_ns.h).
const INITIAL_USER_NAMESPACE: u64 = 0xEFFF_FFFD;

/// What is known once the kernel has said EPERM.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PermissionFacts {
    /// /proc/self/status.
    pub own: ProcessStatus,
    /// /proc/PID/status.
    pub target: ProcessStatus,
    /// Our user namespace's inode ([`status::namespace_inode`]).
    pub own_namespace: Option<u64>,
    /// The target's; `None` where its link cannot be read.
    pub target_namespace: Option<u64>,
    /// /proc/sys/kernel/yama/ptrace_scope; `None`: no Yama.
    pub yama: Option<u8>,
    /// Command name of the target's tracer.
    pub tracer_name: Option<String>,
    /// Whether the target descends from us ([`status::descends`]).
    pub descends: bool,
    /// Whether the target is dumpable ([`status::dumpable_by_owner`]).
    pub dumpable: Option<bool>,
    /// Our /proc/self/attr/current (AppArmor, SELinux), where there is one.
    pub lsm_label: Option<String>,
    /// The container that we are in.
    pub container: Option<Container>,
}

/// What sort of container we are in, as far as the remedy differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Container {
    /// Docker, Podman and others with `--cap-add`.
    Engine,
    /// A Kubernetes pod.
    Kubernetes,
}

impl Container {
    /// From what gives containers away: /.dockerenv or /run/.containerenv exists, the variable
    /// KUBERNETES_SERVICE_HOST is set, and the text of /proc/self/cgroup.
    #[must_use]
    pub fn from_hints(marker_file: bool, kubernetes: bool, cgroup: &str) -> Option<Container> {
        if kubernetes || cgroup.contains("kubepods") {
            return Some(Container::Kubernetes);
        }
        let named = ["docker", "libpod", "containerd", "lxc"]
            .iter()
            .any(|n| cgroup.contains(n));
        (marker_file || named).then_some(Container::Engine)
    }
}

/// A refusal: what forbids it, and the remedy.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not permitted to trace process {} ({name}): {reason}; {remedy}", pid.0)]
pub struct Refusal {
    /// The process.
    pub pid: Pid,
    /// Its name.
    pub name: String,
    /// What forbids it.
    pub cause: Cause,
    /// The same in words.
    pub reason: String,
    /// What helps.
    pub remedy: String,
}

/// What forbids tracing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cause {
    /// Yama lets nobody attach until the next boot (scope 3).
    YamaNobody,
    /// Yama lets only CAP_SYS_PTRACE attach (scope 2).
    YamaPrivileged,
    /// Yama lets only ancestors attach (scope 1).
    YamaAncestors,
    /// The target runs as this other user.
    OtherUser(u32),
    /// The target runs, or ran, with another group (a setgid program).
    OtherGroup(u32),
    /// The target is in another user namespace, where our capabilities do not count.
    UserNamespace,
    /// The target forbids it: it is set-user-id, has dropped privileges or asked for it with prctl(2).
    NotDumpable,
    /// The target has capabilities that we do not have.
    MoreCapabilities(Capabilities),
    /// Somebody else traces it; the tracer, where it can be seen.
    Traced(Option<Pid>),
    /// Nothing else forbids it, and we run under a seccomp filter.
    Seccomp,
    /// Nothing else forbids it, and we are confined by a security module.
    SecurityModule,
    /// No known rule forbids it.
    Unknown,
}

/// Finds out what forbids tracing the target, in the kernel's order, so that a remedy is
/// never followed by the next refusal where that can be foreseen.
#[must_use]
pub fn diagnose(facts: &PermissionFacts) -> Refusal {
    let cause = cause(facts);
    let (reason, remedy) = words(facts, &cause);
    Refusal {
        pid: facts.target.process.unwrap_or(Pid(0)),
        name: facts.target.name.clone(),
        cause,
        reason,
        remedy,
    }
}

fn cause(facts: &PermissionFacts) -> Cause {
    // First, because no privilege helps against it.
    if facts.yama == Some(3) {
        return Cause::YamaNobody;
    }
    let traced = facts.target.tracer.is_some() || facts.target.state == 't';
    if !privileged(facts)
        && let Some(cause) = unprivileged_cause(facts)
        // Who made a user namespace may trace into it, which cannot be seen from here.
        && !(traced && cause == Cause::UserNamespace)
    {
        return cause;
    }
    if traced {
        return Cause::Traced(facts.target.tracer);
    }
    // What follows are suspicions: nothing that can be read says what a filter or a policy forbids.
    if facts.own.seccomp != Seccomp::Off {
        return Cause::Seccomp;
    }
    match facts.lsm_label.as_deref().map(str::trim) {
        None | Some("" | "unconfined" | "kernel") => Cause::Unknown,
        Some(label) if label.contains(":unconfined_t") => Cause::Unknown,
        Some(_) => Cause::SecurityModule,
    }
}

/// Whether our CAP_SYS_PTRACE counts in the target's user namespace.
fn privileged(facts: &PermissionFacts) -> bool {
    facts.own.effective.has(CAP_SYS_PTRACE) && !foreign_namespace(facts)
}

/// Whether the target's user namespace is neither ours nor below ours, as far as that is known:
/// all are below the initial one.
fn foreign_namespace(facts: &PermissionFacts) -> bool {
    match (facts.own_namespace, facts.target_namespace) {
        (Some(INITIAL_USER_NAMESPACE), _) | (None, _) | (_, None) => false,
        (Some(own), Some(target)) => own != target,
    }
}

/// What forbids it to those without CAP_SYS_PTRACE.
fn unprivileged_cause(facts: &PermissionFacts) -> Option<Cause> {
    let (own, target) = (&facts.own, &facts.target);
    let powerless = own.effective.has(CAP_SYS_PTRACE);
    if !target.uids.all(own.uids.real) {
        // With the capability, it is the namespace that stands between it and the target.
        return Some(if powerless {
            Cause::UserNamespace
        } else {
            Cause::OtherUser(target.uids.effective)
        });
    }
    if !target.gids.all(own.gids.real) {
        return Some(Cause::OtherGroup(target.gids.effective));
    }
    if facts.dumpable == Some(false) {
        return Some(Cause::NotDumpable);
    }
    if facts
        .own_namespace
        .zip(facts.target_namespace)
        .is_some_and(|(own, target)| own != target)
    {
        return Some(Cause::UserNamespace);
    }
    let more = target.permitted.without(own.permitted);
    if more != Capabilities(0) {
        return Some(Cause::MoreCapabilities(more));
    }
    match facts.yama {
        Some(1) if !facts.descends => Some(Cause::YamaAncestors),
        Some(2) => Some(Cause::YamaPrivileged),
        _ => None,
    }
}

fn words(facts: &PermissionFacts, cause: &Cause) -> (String, String) {
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
            "gostrace runs under a seccomp filter, which seems to forbid ptrace".to_owned(),
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
fn gain_privilege(facts: &PermissionFacts) -> String {
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
fn some_names(capabilities: Capabilities) -> String {
    const SHOWN: usize = 3;
    let names: Vec<String> = capabilities.names().collect();
    match names.get(..SHOWN) {
        Some(first) if names.len() > SHOWN => {
            format!("{} and {} more", first.join(", "), names.len() - SHOWN)
        }
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests;
