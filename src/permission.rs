//! Why tracing is not permitted, and what helps: a pure diagnosis from facts that others gather.
//!
//! The rules are the kernel's own: `__ptrace_may_access` and `ptrace_attach` (kernel/ptrace.c),
//! `cap_ptrace_access_check` (security/commoncap.c), Yama (security/yama/yama_lsm.c); see
//! ptrace(2), "Ptrace access mode checking".

pub mod checks;
pub mod doctor;
pub mod status;
pub mod target;
mod words;

pub use status::{Capabilities, ProcessStatus, Seccomp};
pub use target::{Suitable, TargetFacts, Unsuitable, assess};

use crate::ids::Pid;
use crate::untrusted::clean;

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
    /// Whether a seccomp filter keeps ptrace(2) from us altogether; `None`: not tried.
    pub ptrace_filtered: Option<bool>,
    /// Our /proc/self/attr/current (AppArmor, SELinux), where there is one.
    pub lsm_label: Option<String>,
    /// The target's.
    pub target_label: Option<String>,
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
    let cause = checks::first_cause(facts);
    let (reason, remedy) = words::of(facts, &cause);
    Refusal {
        pid: facts.target.process.unwrap_or(Pid(0)),
        name: clean(&facts.target.name).into_owned(),
        cause,
        reason: clean(&reason).into_owned(),
        remedy: clean(&remedy).into_owned(),
    }
}

#[cfg(test)]
mod tests;
