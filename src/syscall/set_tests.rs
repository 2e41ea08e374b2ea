use super::*;

const READ: u64 = 0;
const FUTEX: u64 = 202;
const EPOLL_WAIT: u64 = 232;
const EPOLL_PWAIT: u64 = 281;
const EPOLL_PWAIT2: u64 = 441;
const AARCH64_EPOLL_PWAIT: u64 = 22;

fn parse(expression: &str) -> SyscallSet {
    SyscallSet::parse(expression, Names::Families).unwrap()
}

fn names(expression: &str) -> String {
    parse(expression)
        .names(Abi::X86_64)
        .collect::<Vec<_>>()
        .join(" ")
}

fn error(expression: &str) -> String {
    let text = SyscallSet::parse(expression, Names::Families)
        .unwrap_err()
        .to_string();
    assert!(!text.contains('\n'), "{text:?}");
    text
}

#[test]
fn name_selects_its_family_on_every_machine() {
    let set = parse("epoll_wait");
    for nr in [EPOLL_WAIT, EPOLL_PWAIT, EPOLL_PWAIT2] {
        assert!(set.contains(Abi::X86_64, nr));
    }
    assert!(set.contains(Abi::Aarch64, AARCH64_EPOLL_PWAIT));
    assert!(!set.contains(Abi::X86_64, READ));
    assert!(!set.contains(Abi::Aarch64, EPOLL_PWAIT));
}

#[test]
fn every_member_of_a_family_selects_all_of_it() {
    for (one, all) in [
        ("epoll_pwait", "epoll_wait epoll_pwait epoll_pwait2"),
        ("waitid", "wait4 waitid"),
        ("accept", "accept accept4"),
        ("ppoll", "poll ppoll"),
        ("pselect6", "select pselect6"),
        ("openat", "open openat openat2"),
        (
            "futex_wait",
            "futex futex_waitv futex_wake futex_wait futex_requeue",
        ),
    ] {
        assert_eq!(names(one), all);
    }
}

#[test]
fn equals_sign_means_that_one_alone() {
    assert_eq!(names("=epoll_wait"), "epoll_wait");
    assert_eq!(names("=epoll_wait,=read"), "read epoll_wait");
    assert!(error("=epol_wait").contains("`epoll_wait`"));
}

#[test]
fn exclamation_mark_negates_the_whole_list() {
    let set = parse("!futex,read");
    assert!(!set.contains(Abi::X86_64, FUTEX));
    assert!(!set.contains(Abi::X86_64, READ));
    assert!(set.contains(Abi::X86_64, EPOLL_WAIT));
    assert!(error("futex,!read").contains("before it"));
}

#[test]
fn calls_without_a_name_belong_to_all_and_to_negations_only() {
    for nr in [500, 639, 640, 100_000, u64::MAX] {
        assert!(SyscallSet::all().contains(Abi::X86_64, nr));
        assert!(parse("!futex").contains(Abi::X86_64, nr));
        assert!(!parse("futex").contains(Abi::X86_64, nr));
        assert!(!parse("!all").contains(Abi::X86_64, nr));
    }
    assert!(parse("all").contains(Abi::I386, 102));
    assert!(parse("read").contains(Abi::Arm, 3));
    assert!(!parse("read").contains(Abi::I386, 102), "socketcall");
    assert!(parse("read").contains(Abi::X32, 0x4000_0000));
    assert!(!parse("read").contains(Abi::X32, 0x4000_0000 | 517));
}

#[test]
fn all_and_none_mean_what_they_say() {
    assert!(parse("all").is_all());
    assert!(parse("!none").is_all());
    assert!(parse("none").is_empty(Abi::X86_64));
    assert!(parse("!all").is_empty(Abi::Aarch64));
}

#[test]
fn groups_hold_what_strace_6_1_puts_into_them() {
    assert_eq!(names("%clock"), {
        "gettimeofday adjtimex settimeofday time clock_settime clock_gettime clock_getres clock_adjtime"
    });
    assert_eq!(
        names("%pure"),
        "getuid getgid geteuid getegid getppid getpgrp gettid"
    );
    assert_eq!(names("%%stat"), "stat fstat lstat newfstatat statx");
    assert_eq!(names("%net"), names("%network"));
    assert_eq!(names("file"), names("%file"));
    assert!(names("%file").contains("openat") && !names("%file").contains("write"));
    assert!(names("%desc").contains("epoll_pwait2"));
    assert!(names("%process").contains("waitid"));
    assert!(names("%memory").contains("madvise"));
}

#[test]
fn every_member_of_a_group_is_the_name_of_a_call() {
    for group in groups::group_names() {
        for member in groups::group(group).unwrap() {
            assert!(is_call(member), "{group}: {member}");
        }
    }
    for name in groups::RESTARTED.split(' ') {
        assert!(is_call(name), "{name}");
    }
}

#[test]
fn blocking_holds_the_waits_and_not_the_instant_calls() {
    let set = SyscallSet::blocking();
    let held: Vec<_> = set.names(Abi::X86_64).collect();
    for name in [
        "futex",
        "epoll_pwait",
        "read",
        "waitid",
        "accept4",
        "openat",
        "fsync",
        "flock",
    ] {
        assert!(held.contains(&name), "{name}");
    }
    for name in ["getpid", "brk", "mmap", "rt_sigaction", "tgkill", "gettid"] {
        assert!(!held.contains(&name), "{name}");
    }
    assert_eq!(set, parse("%blocking"));
}

#[test]
fn regex_matches_names_anywhere_unless_anchored() {
    assert_eq!(names("/^epoll_p"), "epoll_pwait epoll_pwait2");
    assert!(names("/poll").contains("ppoll"));
    assert!(error("/[").contains("not a regular expression"));
    assert!(error("/zzz").contains("no system call matches"));
}

#[test]
fn question_mark_forgives_what_is_unknown() {
    assert_eq!(names("?nosuchcall,read"), "read");
    assert_eq!(names("?%nosuchgroup,read"), "read");
    assert_eq!(names("?/zzz,read"), "read");
    assert_eq!(names("?read"), "read");
}

#[test]
fn numbers_and_suffixes_are_understood_as_in_strace() {
    assert_eq!(names("202"), "futex");
    assert_eq!(names("read@64"), "read");
    assert!(error("read@32").contains("64-bit"));
    assert!(error("7000").contains("unknown"));
}

#[test]
fn unknown_name_gets_the_nearest_one_suggested() {
    assert!(error("epol_wait").contains("`epoll_wait`"));
    assert!(error("fsycn").contains("`fsync`"));
    assert!(error("raed").contains("`read`"));
    assert!(error("EPOLL_WAIT").contains("`epoll_wait`"));
    assert!(error("%fiel").contains("`%file`"));
    assert!(error("completely_unlike").contains("syscalls(2)"));
}

#[test]
fn nearest_is_what_comparing_with_every_name_finds() {
    let known = || super::super::all(Abi::X86_64).map(|(_, name)| name);
    let plainly = |typed: &str| {
        let allowed = [0, 1, 1, 1, 2, 2, 2, 2, 2].get(typed.len()).unwrap_or(&3);
        let distance = |name: &&str| strsim::osa_distance(typed, name);
        let nearest = known().min_by_key(|name| (distance(name), name.len().abs_diff(typed.len())));
        nearest.filter(|name| distance(name) <= *allowed)
    };
    for name in known().step_by(9) {
        let (first, rest) = name.split_at(1);
        for typed in [
            rest.to_owned(),
            format!("{rest}{first}"),
            format!("x{rest}q"),
            format!("{name}zqz"),
            format!("\u{e9}{rest}"),
        ] {
            let found = nearest(&typed, known());
            assert_eq!(found.as_deref(), plainly(&typed), "{typed}");
        }
    }
}

#[test]
fn a_name_of_a_million_letters_is_not_compared_with_any() {
    assert!(error(&"read".repeat(250_000)).contains("syscalls(2)"));
}

#[test]
fn names_of_glibc_functions_are_understood() {
    assert_eq!(names("pread"), "pread64");
    assert_eq!(names("waitpid"), names("wait4"));
    assert!(parse("newfstatat").contains(Abi::Aarch64, 79));
}

#[test]
fn empty_items_are_an_error() {
    for expression in ["", "!", "read,,write", "read,"] {
        assert!(error(expression).contains("empty"), "{expression}");
    }
}

#[test]
fn restart_is_wanted_with_the_calls_that_are_resumed_by_it() {
    assert!(parse("futex").wants_restart());
    assert!(parse("nanosleep").wants_restart());
    assert!(parse("restart_syscall").wants_restart());
    assert!(!parse("read,epoll_wait").wants_restart());
    assert!(SyscallSet::blocking().wants_restart());
}
