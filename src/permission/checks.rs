//! One rule of the kernel after the other, as it asks them. `None`: the rule does not forbid it.

use super::status::CAP_SYS_PTRACE;
use super::{Capabilities, Cause, PermissionFacts, Seccomp};

/// The inode of the initial user namespace (PROC_USER_INIT_INO, include/linux/proc_ns.h).
const INITIAL_USER_NAMESPACE: u64 = 0xEFFF_FFFD;

/// The rule that forbids it: what it takes to lift it comes before what is lifted with it.
pub(super) fn first_cause(facts: &PermissionFacts) -> Cause {
    // First, because no privilege helps against them.
    if facts.yama == Some(3) {
        return Cause::YamaNobody;
    }
    if facts.ptrace_filtered == Some(true) {
        return Cause::Seccomp;
    }
    let traced = traced(facts);
    let unprivileged = user(facts)
        .or_else(|| dumpable(facts))
        .or_else(|| user_namespace(facts))
        .or_else(|| capabilities(facts))
        .or_else(|| yama(facts));
    match (unprivileged, traced) {
        // Who made a user namespace may trace into it, which cannot be seen from here.
        (Some(Cause::UserNamespace), Some(traced)) | (None, Some(traced)) => traced,
        (Some(cause), _) => cause,
        (None, None) => suspicion(facts),
    }
}

/// Nothing that can be read says what a filter or a policy forbids.
fn suspicion(facts: &PermissionFacts) -> Cause {
    let filtered = facts.own.seccomp != Seccomp::Off;
    // A filter that lets ptrace pass may still refuse some of its requests.
    if filtered && facts.ptrace_filtered.is_none() {
        Cause::Seccomp
    } else if is_confined(facts) {
        Cause::SecurityModule
    } else if filtered {
        Cause::Seccomp
    } else {
        Cause::Unknown
    }
}

/// Another tracer.
pub(super) fn traced(facts: &PermissionFacts) -> Option<Cause> {
    let traced = facts.target.tracer.is_some() || facts.target.state == 't';
    traced.then_some(Cause::Traced(facts.target.tracer))
}

/// User and group, which CAP_SYS_PTRACE overrides.
pub(super) fn user(facts: &PermissionFacts) -> Option<Cause> {
    let (own, target) = (&facts.own, &facts.target);
    if privileged(facts) {
        None
    } else if !target.uids.all(own.uids.real) {
        // With the capability, it is the namespace that stands between it and the target.
        Some(if own.effective.has(CAP_SYS_PTRACE) {
            Cause::UserNamespace
        } else {
            Cause::OtherUser(target.uids.effective)
        })
    } else if !target.gids.all(own.gids.real) {
        Some(Cause::OtherGroup(target.gids.effective))
    } else {
        None
    }
}

/// The target's own wish.
pub(super) fn dumpable(facts: &PermissionFacts) -> Option<Cause> {
    (!privileged(facts) && facts.dumpable == Some(false)).then_some(Cause::NotDumpable)
}

/// The target's user namespace.
pub(super) fn user_namespace(facts: &PermissionFacts) -> Option<Cause> {
    let spaces = facts.own_namespace.zip(facts.target_namespace);
    let powerless = facts.own.effective.has(CAP_SYS_PTRACE);
    let differ = powerless || spaces.is_some_and(|(own, target)| own != target);
    (!privileged(facts) && differ).then_some(Cause::UserNamespace)
}

/// What the target may do and we may not.
pub(super) fn capabilities(facts: &PermissionFacts) -> Option<Cause> {
    let more = facts.target.permitted.without(facts.own.permitted);
    (!privileged(facts) && more != Capabilities(0)).then_some(Cause::MoreCapabilities(more))
}

/// Yama.
pub(super) fn yama(facts: &PermissionFacts) -> Option<Cause> {
    match facts.yama {
        Some(3) => Some(Cause::YamaNobody),
        Some(2) if !privileged(facts) => Some(Cause::YamaPrivileged),
        Some(1) if !privileged(facts) && !facts.descends => Some(Cause::YamaAncestors),
        _ => None,
    }
}

/// Whether our CAP_SYS_PTRACE counts in the target's user namespace.
pub(super) fn privileged(facts: &PermissionFacts) -> bool {
    facts.own.effective.has(CAP_SYS_PTRACE) && !foreign_namespace(facts)
}

/// Whether the target's user namespace is neither ours nor below ours, as far as that is known to one
/// with the capability: all are below the initial one.
fn foreign_namespace(facts: &PermissionFacts) -> bool {
    match (facts.own_namespace, facts.target_namespace) {
        (own, _) if is_initial(own) => false,
        (None, _) => false,
        // A capability that counted there would show it.
        (Some(_), None) => true,
        (Some(own), Some(target)) => own != target,
    }
}

/// Whether this is the user namespace outside of all containers.
pub(super) fn is_initial(namespace: Option<u64>) -> bool {
    namespace == Some(INITIAL_USER_NAMESPACE)
}

/// Whether a security module holds us to a profile.
pub(super) fn is_confined(facts: &PermissionFacts) -> bool {
    match facts.lsm_label.as_deref().map(str::trim) {
        None | Some("" | "unconfined" | "kernel") => false,
        Some(label) => !label.contains(":unconfined_t"),
    }
}
