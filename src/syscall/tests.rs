//! Whole calls, from bytes to text; the expectations are output of strace 6.1.

use super::*;
use crate::event::ObjectNames;
use crate::ids::{Addr, Errno};
use crate::memory::{MemoryError, Segments};
use crate::sink::args::{ArgStyle, write_args, write_result};
use proptest::prelude::*;

const BASE: u64 = 0x1000;

fn call(abi: Abi, name: &str, args: &[u64]) -> RawCall {
    let mut raw = RawCall {
        abi,
        nr: number(abi, name).unwrap(),
        args: [0; 6],
    };
    raw.args[..args.len()].copy_from_slice(args);
    raw
}

fn context(memory: &dyn Memory) -> DecodeContext<'_> {
    DecodeContext {
        memory,
        string_limit: 32,
        verbose: false,
        netlink: None,
        sp: None,
        now: Timestamp {
            mono_ns: 1_000_000_000,
            wall_ns: 2_000_000_000,
        },
    }
}

fn text(call: &RawCall, args: &[Arg], outcome: Outcome, style: &ArgStyle) -> String {
    let names = ObjectNames::default();
    let mut out = String::new();
    write_args(&mut out, args, &names, style);
    out.push_str(") ");
    write_result(&mut out, call, outcome, args, &names, style);
    out
}

/// What strace shows of a call behind its opening parenthesis.
fn show(name: &str, args: &[u64], memory: &Segments, outcome: Outcome) -> String {
    let call = call(Abi::X86_64, name, args);
    let context = context(memory);
    let mut decoded = decode_entry(&call, &context);
    decode_exit(&call, outcome, &context, &mut decoded);
    text(&call, &decoded, outcome, &ArgStyle::default())
}

fn memory(bytes: &[u8]) -> Segments {
    let mut m = Segments::new();
    m.map(Addr(BASE), bytes.to_vec());
    m
}

fn words(words: &[u64]) -> Segments {
    memory(
        &words
            .iter()
            .flat_map(|w| w.to_le_bytes())
            .collect::<Vec<_>>(),
    )
}

fn ok(n: i64) -> Outcome {
    Outcome::Returned(n)
}

fn failed(errno: i32) -> Outcome {
    Outcome::Failed(Errno(errno))
}

#[test]
fn futex_shows_its_operation_value_and_timeout() {
    let m = words(&[0, 1000]);
    assert_eq!(
        show("futex", &[0x5054, 0, 1, BASE], &m, failed(11)),
        "0x5054, FUTEX_WAIT, 1, {tv_sec=0, tv_nsec=1000}) = -1 EAGAIN (Resource temporarily unavailable)"
    );
    assert_eq!(
        show("futex", &[0x5054, 128, 0, 0], &m, failed(512)),
        "0x5054, FUTEX_WAIT_PRIVATE, 0, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)"
    );
    assert_eq!(
        show(
            "futex",
            &[0x54, 0x189, 1, BASE, 0x58, 0xffff_ffff],
            &m,
            failed(11)
        ),
        "0x54, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 1, {tv_sec=0, tv_nsec=1000}, FUTEX_BITSET_MATCH_ANY) = -1 EAGAIN (Resource temporarily unavailable)"
    );
    assert_eq!(
        show("futex", &[0x54, 5, 1, 2, 0x58, 0xa400_4000], &m, ok(0)),
        "0x54, FUTEX_WAKE_OP, 1, 2, 0x58, FUTEX_OP_OPARG_SHIFT<<28|FUTEX_OP_OR<<28|0x4<<12|FUTEX_OP_CMP_GT<<24|0) = 0"
    );
    assert_eq!(
        show("futex", &[0x54, 0x181, 1], &m, ok(0)),
        "0x54, 0x181 /* FUTEX_??? */, 1) = 0"
    );
    assert_eq!(
        show("futex", &[0x54, 0, 1, u64::MAX - 4095], &m, failed(14)),
        "0x54, FUTEX_WAIT, 1, 0xfffffffffffff000) = -1 EFAULT (Bad address)"
    );
}

#[test]
fn an_absolute_timeout_is_shown_as_time_left_where_asked() {
    let m = words(&[2, 500_000_000]);
    let call = call(Abi::X86_64, "futex", &[0x54, 0x89, 1, BASE, 0, 0xffff_ffff]);
    let args = decode_entry(&call, &context(&m));
    let style = ArgStyle {
        notes: true,
        ..ArgStyle::default()
    };
    let shown = text(&call, &args, Outcome::Blocked, &style);
    assert!(
        shown.contains("{tv_sec=2, tv_nsec=500000000} /* 1.5s left */"),
        "{shown}"
    );
    assert!(!text(&call, &args, Outcome::Blocked, &ArgStyle::default()).contains("left"));
}

#[test]
fn epoll_events_are_read_in_each_machines_layout() {
    let mut packed = 1u32.to_le_bytes().to_vec();
    packed.extend(0x0123_4567_89ab_cdefu64.to_le_bytes());
    let expected =
        "3, [{events=EPOLLIN, data={u32=2309737967, u64=81985529216486895}}], 4, -1) = 1";
    let args = [3, BASE, 4, u64::MAX];
    assert_eq!(show("epoll_wait", &args, &memory(&packed), ok(1)), expected);
    let m = words(&[1, 0x0123_4567_89ab_cdef]);
    let call = call(Abi::Aarch64, "epoll_pwait", &[3, BASE, 4, u64::MAX, 0, 8]);
    let mut decoded = decode_entry(&call, &context(&m));
    assert_eq!(decoded[1].value, Value::Pending(Addr(BASE)));
    decode_exit(&call, ok(1), &context(&m), &mut decoded);
    assert!(
        text(&call, &decoded, ok(1), &ArgStyle::default()).starts_with(
            "3, [{events=EPOLLIN, data={u32=2309737967, u64=81985529216486895}}], 4, -1, NULL, 8"
        )
    );
}

#[test]
fn polls_report_stands_behind_the_result() {
    let m = memory(&[3, 0, 0, 0, 1, 0, 1, 0]);
    let args = [BASE, 1, 1000];
    assert_eq!(
        show("poll", &args, &m, ok(1)),
        "[{fd=3, events=POLLIN}], 1, 1000) = 1 ([{fd=3, revents=POLLIN}])"
    );
    assert_eq!(
        show("poll", &args, &m, ok(0)),
        "[{fd=3, events=POLLIN}], 1, 1000) = 0 (Timeout)"
    );
    assert_eq!(
        show("poll", &[8, 2, 0], &m, failed(14)),
        "0x8, 2, 0) = -1 EFAULT (Bad address)"
    );
}

#[test]
fn select_shows_the_sets_before_and_after() {
    let m = words(&[0x60]);
    assert_eq!(
        show("select", &[8, BASE, 0, 0, 0], &m, ok(2)),
        "8, [5 6], NULL, NULL, NULL) = 2 (in [5 6])"
    );
    assert!(needs_entry(&call(Abi::X86_64, "select", &[8, BASE])));
    assert!(!needs_entry(&call(
        Abi::X86_64,
        "futex",
        &[0x54, 0, 1, BASE]
    )));
}

#[test]
fn addresses_of_sockets_are_shown_as_c_writes_them() {
    let inet = [2, 0, 0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(
        show("connect", &[3, BASE, 16], &memory(&inet), failed(115)),
        "3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}, 16) = -1 EINPROGRESS (Operation now in progress)"
    );
    let mut unix = vec![1, 0];
    unix.extend(b"/run/x\0");
    assert_eq!(
        show("connect", &[3, BASE, 9], &memory(&unix), ok(0)),
        "3, {sa_family=AF_UNIX, sun_path=\"/run/x\"}, 9) = 0"
    );
    unix[2] = 0;
    assert_eq!(
        show("connect", &[3, BASE, 8], &memory(&unix), ok(0)),
        "3, {sa_family=AF_UNIX, sun_path=@\"run/x\"}, 8) = 0"
    );
    assert_eq!(
        show("accept", &[3, 0, 0], &memory(&[]), failed(11)),
        "3, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)"
    );
}

#[test]
fn accept_shows_the_length_before_and_after() {
    let mut before = vec![0; 16];
    before.extend(128u32.to_le_bytes());
    let mut after = vec![2, 0, 0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    after.extend(16u32.to_le_bytes());
    let call = call(Abi::X86_64, "accept4", &[3, BASE, BASE + 16, 0o2_000_000]);
    let (before, after) = (memory(&before), memory(&after));
    let mut args = decode_entry(&call, &context(&before));
    decode_exit(&call, ok(4), &context(&after), &mut args);
    assert_eq!(
        text(&call, &args, ok(4), &ArgStyle::default()),
        "3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}, [128 => 16], SOCK_CLOEXEC) = 4"
    );
    assert!(needs_entry(&call));
    assert_eq!(result_kind(&call), ResultKind::Fd);
}

#[test]
fn strings_are_escaped_and_cut_as_strace_does() {
    let mut bytes = b"zzz\"\\\n\0a\xc8".to_vec();
    bytes.extend([b'z'; 31]);
    let m = memory(&bytes);
    assert_eq!(
        show("write", &[3, BASE, 40], &m, ok(40)),
        "3, \"zzz\\\"\\\\\\n\\0a\\310zzzzzzzzzzzzzzzzzzzzzzz\"..., 40) = 40"
    );
    assert_eq!(show("write", &[3, BASE, 0], &m, ok(0)), "3, \"\", 0) = 0");
    assert_eq!(
        show("write", &[3, 8, 5], &m, failed(14)),
        "3, 0x8, 5) = -1 EFAULT (Bad address)"
    );
    assert_eq!(
        show("read", &[3, BASE, 10], &m, failed(9)),
        "3, 0x1000, 10) = -1 EBADF (Bad file descriptor)"
    );
    assert_eq!(
        show("write", &[3, BASE, 3], &memory(b"\x017z"), ok(3)),
        "3, \"\\0017z\", 3) = 3"
    );
}

#[test]
fn wait_statuses_are_shown_as_macros() {
    for (status, expected) in [
        (0x0300, "{WIFEXITED(s) && WEXITSTATUS(s) == 3}"),
        (9, "{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}"),
        (
            0x86,
            "{WIFSIGNALED(s) && WTERMSIG(s) == SIGABRT && WCOREDUMP(s)}",
        ),
        (0x137f, "{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}"),
        (0xffff, "{WIFCONTINUED(s)}"),
    ] {
        assert_eq!(
            show("wait4", &[u64::MAX, BASE, 1, 0], &words(&[status]), ok(7)),
            format!("-1, [{expected}], WNOHANG, NULL) = 7")
        );
    }
    assert_eq!(
        show("wait4", &[u64::MAX, BASE, 1, 0], &words(&[0]), ok(0)),
        "-1, 0x1000, WNOHANG, NULL) = 0"
    );
}

#[test]
fn open_flags_follow_the_machine() {
    let m = memory(b"a\0");
    assert_eq!(
        show(
            "openat",
            &[u64::MAX - 99, BASE, 0o2_000_102, 0o644],
            &m,
            ok(3)
        ),
        "AT_FDCWD, \"a\", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 3"
    );
    let call = call(Abi::Aarch64, "openat", &[u64::MAX - 99, BASE, 0x4000]);
    let args = decode_entry(&call, &context(&m));
    assert_eq!(
        text(&call, &args, ok(3), &ArgStyle::default()),
        "AT_FDCWD, \"a\", O_RDONLY|O_DIRECTORY) = 3"
    );
}

#[test]
fn descriptors_and_processes_are_found_inside_structures() {
    let m = memory(&[3, 0, 0, 0, 1, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0]);
    let args = decode_entry(&call(Abi::X86_64, "poll", &[BASE, 2, 0]), &context(&m));
    assert_eq!(fds(&args), [3]);
    let args = decode_entry(&call(Abi::X86_64, "kill", &[77, 9]), &context(&m));
    assert_eq!((fds(&args), pids(&args)), (vec![], vec![77]));
}

#[test]
fn calls_without_description_are_shown_with_plain_numbers() {
    let m = memory(&[]);
    assert_eq!(
        show("afs_syscall", &[0, 0x10], &m, ok(0)),
        "0, 0x10, 0, 0, 0, 0) = 0"
    );
}

#[test]
fn every_description_names_a_call_and_no_call_twice() {
    let mut seen = std::collections::HashSet::new();
    for call in calls::all() {
        assert!(!numbers(call.name).is_empty(), "{} is no call", call.name);
        assert!(seen.insert(call.name), "{} is described twice", call.name);
    }
}

#[test]
fn claimed_counts_beyond_memory_are_bounded() {
    let m = memory(&[0xff; 64]);
    for name in ["poll", "writev", "semop", "futex_waitv"] {
        let huge = [BASE, u64::MAX, u64::MAX, BASE, BASE, BASE];
        let shown = show(name, &huge, &m, ok(i64::MAX));
        assert!(shown.len() < 100_000, "{name}: {}", shown.len());
    }
}

/// Every address holds a byte made of the address: nothing is ever unmapped.
struct Everywhere(u8);

impl Memory for Everywhere {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        for (n, byte) in buf.iter_mut().enumerate() {
            *byte = (addr.0 as u8).wrapping_add(n as u8) & self.0;
        }
        Ok(buf.len())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_call_panics_or_grows_without_bound(
        nr in 0u64..480,
        aarch64: bool,
        args in prop::array::uniform6(prop_oneof![
            any::<u64>(), 0u64..64, Just(BASE), Just(BASE + 8), Just(u64::MAX)
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        everywhere: Option<u8>,
        result in prop_oneof![any::<i64>(), 0i64..200, Just(-1i64)],
        errno in prop::option::of(0i32..600),
    ) {
        let abi = if aarch64 { Abi::Aarch64 } else { Abi::X86_64 };
        let call = RawCall { abi, nr, args };
        let segments = memory(&bytes);
        let full;
        let memory: &dyn Memory = match everywhere {
            Some(mask) => { full = Everywhere(mask); &full }
            None => &segments,
        };
        let outcome = errno.map_or(ok(result), failed);
        let context = context(memory);
        let mut decoded = decode_entry(&call, &context);
        decode_exit(&call, outcome, &context, &mut decoded);
        let style = ArgStyle { fds: crate::sink::FdStyle::Strace(crate::sink::StraceFds::YY), processes: true, symbols: true, notes: true, ..ArgStyle::default() };
        prop_assert!(text(&call, &decoded, outcome, &style).len() < 4_000_000);
        prop_assert!(fds(&decoded).len() <= 256);
        let _ = (needs_entry(&call), result_kind(&call));
    }
}

#[test]
fn the_pidfd_that_clone3_stores_is_a_descriptor() {
    const CLONE_PIDFD: u64 = 0x1000;
    let stored = BASE + 88;
    let memory = words(&[CLONE_PIDFD, stored, 0, 0, 17, 0, 0, 0, 0, 0, 0, 7]);
    let call = call(Abi::X86_64, "clone3", &[BASE, 88]);
    let context = context(&memory);
    let mut decoded = decode_entry(&call, &context);
    decode_exit(&call, Outcome::Returned(100), &context, &mut decoded);
    assert_eq!(fds(&decoded), [7]);
}

#[test]
fn ioctl_requests_take_pointers_numbers_or_nothing() {
    let m = words(&[7, 9]);
    let shown = |request: u64, arg: u64| show("ioctl", &[3, request, arg], &m, failed(9));
    let bad = |text: &str| format!("3, {text}) = -1 EBADF (Bad file descriptor)");
    assert_eq!(shown(0x890b, 0), bad("SIOCADDRT, NULL"));
    assert_eq!(shown(0x4c01, 5), bad("LOOP_CLR_FD"));
    assert_eq!(shown(0x4c80, u64::MAX), bad("LOOP_CTL_ADD, -1"));
    assert_eq!(shown(0x1277, BASE), bad("BLKDISCARD, [7, 9]"));
    assert_eq!(
        shown(0x8900, 0),
        bad("_IOC(_IOC_NONE, 0x89, 0, 0), 0"),
        "nothing is known of it"
    );
    assert_eq!(
        show("ioctl", &[3, 0xb703, 0], &m, ok(0x1000_0000)),
        "3, NS_GET_NSTYPE) = 268435456 (CLONE_NEWUSER)"
    );
}

#[test]
fn a_packed_number_is_shown_in_each_style() {
    let call = call(Abi::X86_64, "ioprio_set", &[1, 5, 0x6003]);
    let m = Segments::new();
    let args = decode_entry(&call, &context(&m));
    let shown = |xlat| {
        let style = ArgStyle {
            xlat,
            ..ArgStyle::default()
        };
        text(&call, &args, ok(0), &style)
    };
    use crate::sink::args::Xlat;
    assert_eq!(
        shown(Xlat::Abbrev),
        "IOPRIO_WHO_PROCESS, 5, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 3)) = 0"
    );
    assert_eq!(shown(Xlat::Raw), "0x1, 5, 24579) = 0");
    assert_eq!(
        shown(Xlat::Verbose),
        "0x1 /* IOPRIO_WHO_PROCESS */, 5, \
         24579 /* IOPRIO_PRIO_VALUE(0x3 /* IOPRIO_CLASS_IDLE */, 3) */) = 0"
    );
}
