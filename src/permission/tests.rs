//! The texts of /proc are recorded ones (Linux 6.18; uid, gid and capabilities varied).

use super::status::*;
use super::*;
use crate::arch::Arch;
use crate::ids::Tid;

/// A process of root's.
const ROOT: &str = "\
Name:\tserver
State:\tS (sleeping)
Tgid:\t25905
Ngid:\t0
Pid:\t25905
PPid:\t25549
TracerPid:\t0
Uid:\t0\t0\t0\t0
Gid:\t0\t0\t0\t0
Groups:\t
NSpid:\t25905
Kthread:\t0
Threads:\t7
CapInh:\t0000000000000000
CapPrm:\t000001ffffffffff
CapEff:\t000001ffffffffff
NoNewPrivs:\t0
Seccomp:\t0
Seccomp_filters:\t0
";

const KTHREADD: &str = "\
Name:\tkthreadd
State:\tS (sleeping)
Tgid:\t2
Pid:\t2
PPid:\t0
TracerPid:\t0
Uid:\t0\t0\t0\t0
Gid:\t0\t0\t0\t0
NSpid:\t2
Kthread:\t1
Threads:\t1
CapPrm:\t000001ffffffffff
";

const ZOMBIE: &str = "\
Name:\tpython3
State:\tZ (zombie)
Tgid:\t25831
Pid:\t25831
PPid:\t25559
TracerPid:\t0
Uid:\t0\t0\t0\t0
Gid:\t0\t0\t0\t0
Kthread:\t0
Threads:\t1
";

const KTHREADD_STAT: &str = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 24 0 0";
const SLEEP_STAT: &str = "25905 (a) b) S 25549 25549 5353 0 -1 4194304 138 0 0 0 0 0 0 0 20 0 1";

fn root() -> ProcessStatus {
    ProcessStatus::parse(ROOT)
}

/// An ordinary user's process without capabilities.
fn user(uid: u32) -> ProcessStatus {
    let ids = format!("{uid}\t{uid}\t{uid}\t{uid}");
    let text = ROOT
        .replace("0\t0\t0\t0", &ids)
        .replace("000001ffffffffff", "0000000000000000");
    ProcessStatus::parse(&text)
}

fn facts(own: ProcessStatus, target: ProcessStatus) -> PermissionFacts {
    PermissionFacts {
        own,
        target,
        ..PermissionFacts::default()
    }
}

/// The refusal, held to one line.
fn refusal(facts: &PermissionFacts) -> (Cause, String) {
    let refusal = diagnose(facts);
    let text = refusal.to_string();
    assert!(!text.contains('\n'), "{text:?}");
    assert!(text.contains("25905 (server)"), "{text}");
    (refusal.cause, text)
}

#[test]
fn status_is_read_from_its_text() {
    let status = root();
    assert_eq!(status.name, "server");
    assert_eq!(status.state, 'S');
    assert_eq!(
        (status.process, status.thread),
        (Some(Pid(25905)), Some(Tid(25905)))
    );
    assert_eq!((status.parent, status.tracer), (Some(Pid(25549)), None));
    assert_eq!(status.namespace_pids, [25905]);
    assert_eq!((status.threads, status.kernel_thread), (7, Some(false)));
    assert!(status.effective.has(CAP_SYS_PTRACE) && !status.effective.has(63));
    let user = user(1000);
    assert_eq!(
        user.uids,
        Ids {
            real: 1000,
            effective: 1000,
            saved: 1000
        }
    );
    assert!(!user.effective.has(CAP_SYS_PTRACE));
}

#[test]
fn text_that_is_cut_or_mangled_is_no_reason_to_panic() {
    for end in 0..ROOT.len() {
        let _ = ProcessStatus::parse(&ROOT[..end]);
    }
    let odd = ProcessStatus::parse(
        "Name:\ta: b\nState:\nUid:\tx\nCapEff:\tzz\nSeccomp:\t2\nNSpid:\t9\t1\n:\n",
    );
    assert_eq!(odd.name, "a: b");
    assert_eq!(odd.seccomp, Seccomp::Filter);
    assert_eq!(odd.namespace_pids, [9, 1]);
    assert_eq!(odd.uids.real, u32::MAX, "an unreadable id is nobody's");
}

#[test]
fn smaller_texts_are_read_too() {
    assert_eq!(stat_says_kernel_thread(KTHREADD_STAT), Some(true));
    assert_eq!(stat_says_kernel_thread(SLEEP_STAT), Some(false));
    assert_eq!(stat_says_kernel_thread("2 (k"), None);
    assert_eq!(namespace_inode("user:[4026531837]"), Some(4_026_531_837));
    assert_eq!(namespace_inode("user:[x]"), None);
    assert_eq!(yama_scope("1\n"), Some(1));
    assert_eq!(yama_scope(""), None);
    assert_eq!(dumpable_by_owner(0, &user(33)), Some(false));
    assert_eq!(dumpable_by_owner(33, &user(33)), Some(true));
    assert_eq!(dumpable_by_owner(0, &root()), None);
    let names: Vec<_> = Capabilities(1 << 19 | 1 << 40 | 1 << 41).names().collect();
    assert_eq!(
        names,
        ["CAP_SYS_PTRACE", "CAP_CHECKPOINT_RESTORE", "capability 41"]
    );
}

#[test]
fn descent_is_followed_to_the_root_and_never_for_ever() {
    let parent = |pid: Pid| (pid.0 > 1).then_some(Pid(pid.0 / 2));
    assert!(descends(Pid(40), Pid(5), parent));
    assert!(!descends(Pid(40), Pid(7), parent));
    assert!(!descends(Pid(40), Pid(7), Some));
}

#[test]
fn another_users_process_is_refused_for_its_user() {
    let (cause, text) = refusal(&facts(user(1000), user(33)));
    assert_eq!(cause, Cause::OtherUser(33));
    assert!(text.contains("uid 33") && text.contains("sudo"), "{text}");
    let (cause, _) = refusal(&facts(user(1000), root()));
    assert_eq!(cause, Cause::OtherUser(0));
}

#[test]
fn set_user_id_program_is_refused_though_its_real_user_is_ours() {
    let mut target = user(1000);
    target.uids.effective = 0;
    assert_eq!(refusal(&facts(user(1000), target)).0, Cause::OtherUser(0));
    let mut target = user(1000);
    target.gids.saved = 42;
    target.gids.effective = 42;
    assert_eq!(refusal(&facts(user(1000), target)).0, Cause::OtherGroup(42));
}

#[test]
fn remedy_fits_the_place_we_are_in() {
    let mut own = root();
    own.effective = Capabilities(0);
    let mut facts = facts(own, user(33));
    assert!(refusal(&facts).1.contains("was dropped"));
    facts.container = Some(Container::Engine);
    assert!(refusal(&facts).1.contains("--cap-add=SYS_PTRACE"));
    facts.container = Some(Container::Kubernetes);
    assert!(refusal(&facts).1.contains("securityContext"));
    let mut own = user(1000);
    own.no_new_privs = true;
    assert!(
        refusal(&self::facts(own, root()))
            .1
            .contains("no_new_privs")
    );
}

#[test]
fn yama_is_named_with_its_scope() {
    let mut facts = facts(user(1000), user(1000));
    facts.yama = Some(1);
    let (cause, text) = refusal(&facts);
    assert_eq!(cause, Cause::YamaAncestors);
    assert!(
        text.contains("ptrace_scope is 1") && text.contains("ptrace_scope=0"),
        "{text}"
    );
    facts.descends = true;
    assert_eq!(refusal(&facts).0, Cause::Unknown);
    facts.yama = Some(2);
    assert_eq!(refusal(&facts).0, Cause::YamaPrivileged);
    facts.own = root();
    facts.yama = Some(3);
    let (cause, text) = refusal(&facts);
    assert_eq!(cause, Cause::YamaNobody);
    assert!(!text.contains("sudo"), "no privilege helps: {text}");
}

#[test]
fn yama_is_not_blamed_when_we_are_privileged_or_another_user() {
    let mut privileged = facts(root(), user(33));
    privileged.yama = Some(1);
    privileged.target.tracer = Some(Pid(7));
    assert_eq!(refusal(&privileged).0, Cause::Traced(Some(Pid(7))));
    let mut stranger = facts(user(1000), user(33));
    stranger.yama = Some(1);
    assert_eq!(refusal(&stranger).0, Cause::OtherUser(33));
}

#[test]
fn other_tracer_is_named() {
    let text = ROOT.replace("TracerPid:\t0", "TracerPid:\t26027");
    let mut facts = facts(root(), ProcessStatus::parse(&text));
    facts.tracer_name = Some("strace".to_owned());
    let (cause, text) = refusal(&facts);
    assert_eq!(cause, Cause::Traced(Some(Pid(26027))));
    assert!(text.contains("26027 (strace)"), "{text}");
    let mut hidden = self::facts(root(), root());
    hidden.target.state = 't';
    assert_eq!(refusal(&hidden).0, Cause::Traced(None));
}

#[test]
fn process_that_is_not_dumpable_is_told() {
    let mut facts = facts(user(33), user(33));
    facts.dumpable = Some(false);
    facts.yama = Some(1);
    assert_eq!(refusal(&facts).0, Cause::NotDumpable);
}

#[test]
fn capabilities_that_we_lack_are_named() {
    let mut facts = facts(user(33), user(33));
    facts.target.permitted = Capabilities(1 << 10);
    let (cause, text) = refusal(&facts);
    assert_eq!(cause, Cause::MoreCapabilities(Capabilities(1 << 10)));
    assert!(text.contains("CAP_NET_BIND_SERVICE"), "{text}");
    facts.target.permitted = Capabilities(0x1ff_ffff_ffff);
    assert!(refusal(&facts).1.contains("and 38 more"));
}

#[test]
fn capability_counts_in_our_own_user_namespace_and_below_the_initial_one() {
    const INITIAL: Option<u64> = Some(4_026_531_837);
    const NESTED: Option<u64> = Some(4_026_532_177);
    let mut facts = facts(root(), user(33));
    facts.target.tracer = Some(Pid(7));
    (facts.own_namespace, facts.target_namespace) = (INITIAL, NESTED);
    assert_eq!(refusal(&facts).0, Cause::Traced(Some(Pid(7))));
    facts.target.tracer = None;
    (facts.own_namespace, facts.target_namespace) = (NESTED, INITIAL);
    let (cause, text) = refusal(&facts);
    assert_eq!(cause, Cause::UserNamespace);
    assert!(text.contains("nsenter -t 25905"), "{text}");
    facts.target = user(0);
    assert_eq!(refusal(&facts).0, Cause::UserNamespace);
}

#[test]
fn seccomp_filter_and_security_policy_are_suspected_last() {
    let mut facts = facts(root(), root());
    facts.own.seccomp = Seccomp::Filter;
    facts.container = Some(Container::Engine);
    facts.lsm_label = Some("docker-default (enforce)\n".to_owned());
    let (cause, text) = refusal(&facts);
    assert_eq!(cause, Cause::Seccomp);
    assert!(text.contains("--security-opt seccomp=unconfined"), "{text}");
    facts.own.seccomp = Seccomp::Off;
    let (cause, text) = refusal(&facts);
    assert_eq!(cause, Cause::SecurityModule);
    assert!(text.contains("docker-default (enforce)"), "{text}");
    facts.lsm_label = Some("unconfined\n".to_owned());
    assert_eq!(refusal(&facts).0, Cause::Unknown);
}

#[test]
fn container_is_told_by_what_gives_it_away() {
    assert_eq!(
        Container::from_hints(false, false, "0::/init.scope\n"),
        None
    );
    assert_eq!(
        Container::from_hints(true, false, "0::/\n"),
        Some(Container::Engine)
    );
    assert_eq!(
        Container::from_hints(false, false, "12:pids:/docker/0123abc\n"),
        Some(Container::Engine)
    );
    assert_eq!(
        Container::from_hints(true, true, "0::/\n"),
        Some(Container::Kubernetes)
    );
}

/// A target that is fine.
fn target(status: &str) -> TargetFacts {
    TargetFacts {
        asked: Pid(25905),
        own: Pid(99),
        host: Arch::X86_64,
        status: Some(ProcessStatus::parse(status)),
        exists: true,
        stat_kernel_thread: Some(false),
        parent_name: None,
        exe: Some("/usr/bin/server".to_owned()),
        exe_header: Some(elf(2, 62)),
    }
}

fn elf(class: u8, machine: u8) -> Vec<u8> {
    let mut header = vec![0x7f, b'E', b'L', b'F', class, 1, 1];
    header.resize(18, 0);
    header.extend([machine, 0, 1, 0]);
    header
}

fn refused(facts: &TargetFacts, code: u8, part: &str) {
    let why = assess(facts).unwrap_err();
    let text = why.to_string();
    assert_eq!(why.exit_code(), code, "{text}");
    assert!(text.contains(part) && !text.contains('\n'), "{text}");
}

#[test]
fn ordinary_process_is_suitable_without_notes() {
    assert_eq!(
        assess(&target(ROOT)),
        Ok(Suitable {
            pid: Pid(25905),
            notes: vec![]
        })
    );
    let unreadable = TargetFacts {
        exe_header: None,
        exe: None,
        ..target(ROOT)
    };
    assert!(assess(&unreadable).is_ok());
    let short = TargetFacts {
        exe_header: Some(elf(2, 62)[..10].to_vec()),
        ..target(ROOT)
    };
    assert!(assess(&short).is_ok());
}

#[test]
fn missing_process_is_told_from_a_hidden_one() {
    let gone = TargetFacts {
        status: None,
        exists: false,
        ..target(ROOT)
    };
    refused(&gone, 78, "no process 25905");
    let hidden = TargetFacts {
        status: None,
        ..target(ROOT)
    };
    refused(&hidden, 77, "hidepid");
}

#[test]
fn thread_stands_for_its_process_and_that_is_said() {
    let suitable = assess(&TargetFacts {
        asked: Pid(25911),
        ..target(ROOT)
    })
    .unwrap();
    assert_eq!(suitable.pid, Pid(25905));
    assert!(suitable.notes[0].contains("25911 is a thread of process 25905 (server)"));
}

#[test]
fn zombie_names_its_parent() {
    let mut facts = TargetFacts {
        asked: Pid(25831),
        ..target(ZOMBIE)
    };
    facts.exe_header = None;
    refused(&facts, 78, "parent 25559 to");
    facts.parent_name = Some("init".to_owned());
    refused(&facts, 78, "25559 (init)");
}

#[test]
fn dead_leader_with_living_threads_is_suitable() {
    let text = ZOMBIE.replace("Threads:\t1", "Threads:\t4");
    assert!(
        assess(&TargetFacts {
            asked: Pid(25831),
            ..target(&text)
        })
        .is_ok()
    );
}

#[test]
fn a_leader_that_an_exec_has_ended_is_no_zombie() {
    let status = |threads| ProcessStatus::parse(&ZOMBIE.replace("Threads:\t1", threads));
    let ended = status("Threads:\t0");
    assert!(ended.is_vanishing() && !ended.is_zombie());
    let zombie = status("Threads:\t1");
    assert!(zombie.is_zombie() && !zombie.is_vanishing());
}

#[test]
fn kernel_thread_is_refused_on_old_kernels_too() {
    refused(&target(KTHREADD), 78, "kernel thread");
    let old = KTHREADD.replace("Kthread:\t1\n", "");
    refused(
        &TargetFacts {
            stat_kernel_thread: Some(true),
            ..target(&old)
        },
        78,
        "kernel thread",
    );
}

#[test]
fn we_are_refused_by_any_of_our_ids() {
    refused(
        &TargetFacts {
            asked: Pid(99),
            ..target(ROOT)
        },
        78,
        "gostrace itself",
    );
    refused(
        &TargetFacts {
            own: Pid(25905),
            asked: Pid(25907),
            ..target(ROOT)
        },
        78,
        "itself",
    );
}

#[test]
fn executables_for_other_machines_are_refused_by_name() {
    for (header, part) in [
        (elf(1, 3), "32-bit executable (i386)"),
        (elf(1, 40), "32-bit executable (arm)"),
        (elf(1, 62), "32-bit executable (x32)"),
        (elf(2, 183), "for aarch64, this gostrace traces x86_64"),
        (elf(2, 243), "for riscv"),
        (elf(2, 77), "ELF machine 77"),
    ] {
        refused(
            &TargetFacts {
                exe_header: Some(header),
                ..target(ROOT)
            },
            78,
            part,
        );
    }
    let arm = TargetFacts {
        host: Arch::Aarch64,
        exe_header: Some(elf(2, 183)),
        ..target(ROOT)
    };
    assert!(assess(&arm).is_ok());
}

#[test]
fn replaced_executable_is_noted() {
    let exe = Some("/usr/bin/server (deleted)".to_owned());
    let suitable = assess(&TargetFacts {
        exe,
        ..target(ROOT)
    })
    .unwrap();
    assert!(suitable.notes[0].contains("replaced or deleted"));
}

/// Names, and the labels of security modules, are whatever others made them.
#[test]
fn nothing_that_others_chose_reaches_the_terminal_as_it_is() {
    const EVIL: &str = "\x1b[2J\nok \x07\u{9b}";
    let escaped = r"\u{1b}[2J\nok \u{7}\u{9b}";
    let says = |text: String, what: &str| {
        assert!(!text.contains(char::is_control), "{what}: {text:?}");
        assert!(text.contains(escaped), "{what}: {text}");
    };
    let mut facts = PermissionFacts::default();
    facts.target.name = EVIL.to_owned();
    facts.tracer_name = Some(EVIL.to_owned());
    facts.lsm_label = Some(EVIL.to_owned());
    facts.target_label = Some(EVIL.to_owned());
    for tracer in [None, Some(Pid(7))] {
        facts.target.tracer = tracer;
        says(diagnose(&facts).to_string(), "refusal");
        let suitable = Suitable {
            pid: Pid(8),
            notes: vec![EVIL.to_owned()],
        };
        let tried = doctor::Tried {
            seize: Err(crate::ids::Errno(libc::EPERM)),
            memory: Ok(()),
            syscall: Ok(()),
            kernel_stack: Ok(()),
        };
        let facts = doctor::Facts {
            permission: facts.clone(),
            target: Some(doctor::Target {
                suitable: Ok(suitable),
                tried,
            }),
            kernel: doctor::Kernel {
                release: EVIL.to_owned(),
                ..doctor::Kernel::default()
            },
        };
        let lines = doctor::report(&facts);
        assert!(lines.iter().all(|l| !l.text.contains(char::is_control)));
        says(lines.iter().map(|l| l.text.as_str()).collect(), "doctor");
    }
    let mut status = ProcessStatus::parse(ZOMBIE);
    status.name = EVIL.to_owned();
    let zombie = TargetFacts {
        asked: Pid(25831),
        status: Some(status.clone()),
        parent_name: Some(EVIL.to_owned()),
        ..target(ZOMBIE)
    };
    says(assess(&zombie).unwrap_err().to_string(), "zombie");
    let thread = ProcessStatus {
        state: 'S',
        ..status
    };
    let foreign = TargetFacts {
        status: Some(thread.clone()),
        exe_header: Some(elf(1, 3)),
        ..zombie.clone()
    };
    says(assess(&foreign).unwrap_err().to_string(), "32 bits");
    let thread = TargetFacts {
        asked: Pid(25832),
        status: Some(thread),
        exe: Some(format!("{EVIL} (deleted)")),
        ..zombie
    };
    for note in assess(&thread).unwrap().notes {
        says(note, "note");
    }
}
