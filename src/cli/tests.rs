use super::config::{
    Clock, Color, CountsTable, Engine, FdDetail, Follow, Format, Hex, Output, Precision, Quiet,
    SignalSet, Statuses, Target, Xlat, overview,
};
use super::*;
use crate::arch::Abi;
use crate::ids::{Goid, Pid, Signal};
use crate::sink::counts::Column;
use std::ffi::OsStr;
use std::time::Duration;

fn config(line: &str) -> Config {
    match parse(words(line)) {
        Ok(Invocation::Trace(config)) => *config,
        other => panic!("{line}: {other:?}"),
    }
}

fn words(line: &str) -> Vec<OsString> {
    ["gostrace"]
        .into_iter()
        .chain(line.split_whitespace())
        .map(OsString::from)
        .collect()
}

fn complaint(line: &str) -> String {
    parse(words(line)).unwrap_err().0
}

fn command(line: &str) -> Vec<OsString> {
    match config(line).target {
        Target::Launch(command) => command,
        other => panic!("{other:?}"),
    }
}

#[test]
fn headline_command_means_what_it_says() {
    let config = config("-p 42 -e futex,epoll_wait --slow 10ms");
    assert_eq!(config.target, Target::Attach(vec![Pid(42)]));
    assert_eq!(config.select.slow, Some(Duration::from_millis(10)));
    assert_eq!(config.select.expression, "futex,epoll_wait");
    assert!(
        config.select.syscalls.contains(Abi::X86_64, 281),
        "epoll_pwait"
    );
    assert!(!config.select.syscalls.contains(Abi::X86_64, 0), "read");
    assert!(config.select.hides_parked() && config.select.needs_go());
    assert_eq!(config.stack, Some(100));
    assert_eq!(config.look.fds, FdDetail::ALL);
    assert_eq!(config.output, Output::Stdout);
    assert!(config.notes.is_empty());
}

#[test]
fn slow_alone_selects_the_blocking_calls() {
    let slow = config("-p 1 --slow 1s");
    assert_eq!(slow.select.expression, "%blocking");
    assert!(!slow.select.syscalls.contains(Abi::X86_64, 39), "getpid");
    let plain = config("-p 1");
    assert!(plain.select.syscalls.is_all() && plain.stack.is_none());
    assert_eq!(plain.look.fds, FdDetail::ALL);
    assert!(!plain.select.hides_parked() && !plain.select.needs_go());
    let other = config("-p 1 --slow 1s -e signal=none");
    assert_eq!(other.select.expression, "%blocking");
}

#[test]
fn pids_are_separated_by_commas_spaces_and_options_and_kept_once() {
    let mut argv = words("-p 3,1 -p 2 --pid=1 -p");
    argv.push("7 8\n".into());
    let Ok(Invocation::Trace(config)) = parse(argv) else {
        panic!()
    };
    assert_eq!(
        config.target,
        Target::Attach([3, 1, 2, 7, 8].map(Pid).to_vec())
    );
}

#[test]
fn options_behind_the_command_are_the_commands_own() {
    assert_eq!(
        command("-e read ls -p 1 --slow x"),
        ["ls", "-p", "1", "--slow", "x"]
    );
    assert_eq!(command("-f -- ls -- -x"), ["ls", "--", "-x"]);
    assert_eq!(command("ls -- -x"), ["ls", "--", "-x"]);
    assert_eq!(command("-- --help"), ["--help"]);
}

#[test]
fn reserved_word_is_a_command_behind_two_dashes_only() {
    assert_eq!(command("-- dump -p 1"), ["dump", "-p", "1"]);
    assert_eq!(command("-e read -- hang"), ["hang"]);
    assert_eq!(command("./dump"), ["./dump"]);
    assert_eq!(command("ls dump"), ["ls", "dump"]);
    let error = parse(words("top -p 1")).unwrap_err();
    assert!(error.0.contains("gostrace -- top"), "{error}");
}

#[test]
fn counted_options_cluster_as_in_strace() {
    let config = config("-fttTrxyynkqq -s 80 -a 60 ls");
    assert_eq!(config.follow, Follow::Forks);
    assert_eq!(config.look.time_in_call, Some(Precision::Micros));
    assert_eq!(config.look.relative, Some(Precision::Micros));
    assert!(config.look.number);
    assert_eq!(config.look.clock, Clock::Time(Precision::Micros));
    assert_eq!(config.look.hex, Hex::NonAscii);
    assert_eq!(config.look.fds, FdDetail::ALL);
    assert_eq!((config.look.string_limit, config.look.column), (80, 60));
    assert_eq!(config.stack, Some(100));
    assert!(config.quiet.attach && config.quiet.exit && !config.quiet.superseded);
    assert_eq!(
        self::config("-t ls").look.clock,
        Clock::Time(Precision::Seconds)
    );
    assert_eq!(
        self::config("-ttt ls").look.clock,
        Clock::Epoch(Precision::Micros)
    );
    assert_eq!(self::config("-xx ls").look.hex, Hex::All);
    assert_eq!(self::config("-qqq ls").quiet, Quiet::ALL);
    assert!(!self::config("-y ls").look.fds.socket);
}

#[test]
fn stack_takes_a_depth_behind_an_equals_sign() {
    assert_eq!(config("-k=5 ls").stack, Some(5));
    assert_eq!(config("--stack=5 -p 1").stack, Some(5));
    assert_eq!(config("--stack -p 1").stack, Some(100));
    assert_eq!(config("--slow 1s --no-stack -p 1").stack, None);
    assert_eq!(config("--slow 1s -k=7 -p 1").stack, Some(7));
}

#[test]
fn last_trace_expression_wins_and_is_told() {
    let config = config("-p 1 -e futex -e trace=read");
    assert_eq!(config.select.expression, "read");
    assert!(!config.select.syscalls.contains(Abi::X86_64, 202));
    assert_eq!(config.notes.len(), 1);
}

#[test]
fn other_qualifiers_leave_the_calls_alone() {
    let config = config("-p 1 -e signal=!urg -e quiet=exit -q -e decode-fds=path,socket");
    assert!(config.select.syscalls.is_all());
    assert!(!config.select.signals.contains(Signal(23)));
    assert!(config.quiet.exit && config.quiet.attach && !config.quiet.notes);
    assert!(config.look.fds.socket && !config.look.fds.pidfd);
    assert_eq!(self::config("-p 1").select.signals, SignalSet::ALL);
    assert_eq!(
        self::config("-p 1 --slow 1s -e decode-fds=none").look.fds,
        FdDetail::NONE
    );
    assert!(!self::config("-p 1 -e quiet=!exit").quiet.exit);
}

#[test]
fn filters_on_go_are_kept_as_given() {
    let select =
        config("-p 1 --goroutine 1,18 --func net/http --class sysmon,idle-m --slow 1s").select;
    assert_eq!(select.goroutines, [Goid(1), Goid(18)]);
    assert!(select.funcs[0].is_match("net/http.(*conn).serve"));
    assert_eq!(select.classes, ["sysmon", "idle-m"]);
    assert!(
        !select.hides_parked(),
        "asking for a class is asking to see it"
    );
}

#[test]
fn limits_and_outputs_are_understood() {
    let config = config("-p 1 -d 1m30s --max-events 5 -o out.txt");
    assert_eq!(config.limits.duration, Some(Duration::from_secs(90)));
    assert_eq!(config.limits.max_events, Some(5));
    assert_eq!(config.output, Output::File("out.txt".into()));
    assert_eq!(
        self::config("-p 1 -o |cat").output,
        Output::Command("cat".into())
    );
    assert_eq!(self::config("-p 1 -o -").output, Output::Stdout);
}

#[test]
fn later_value_of_an_option_replaces_the_earlier() {
    let config = config("-p 1 --slow 1s -s 5 --slow 2s -s 6");
    assert_eq!(config.select.slow, Some(Duration::from_secs(2)));
    assert_eq!(config.look.string_limit, 6);
}

#[test]
fn in_strace_s_words_a_name_is_that_call_alone_and_the_rest_is_as_strace_has_it() {
    let strace = config("--format strace -e epoll_wait,chown32 ls");
    assert_eq!(strace.format, Format::Strace);
    assert!(strace.select.syscalls.contains(Abi::X86_64, 232));
    assert!(!strace.select.syscalls.contains(Abi::X86_64, 281));
    assert_eq!(
        (strace.output, strace.follow),
        (Output::Stderr, Follow::Nothing)
    );
    assert_eq!(strace.look.fds, FdDetail::NONE);
    assert!(!strace.quiet.attach);
    let to_file = config("--format strace -ff -o log -X raw -Y -i -N -v ls");
    assert_eq!(to_file.output, Output::Each("log".into(), false));
    assert_eq!(
        (to_file.follow, to_file.look.xlat),
        (Follow::Forks, Xlat::Raw)
    );
    assert!(to_file.quiet.attach && !to_file.quiet.exit);
    assert!(to_file.look.verbose && config("-e abbrev=none ls").look.verbose);
    assert!(!config("-v -e abbrev=all ls").look.verbose);
    let attached = config("--format strace -o log -A -p 1");
    assert_eq!(attached.output, Output::Append("log".into()));
    assert!(!attached.quiet.attach);
}

#[test]
fn sets_and_tables_of_strace_s_are_understood() {
    let all = config("-z -P /a -P b -e fd=3,5 -e read=!0 -e raw=read -e verbose=none ls");
    assert_eq!(all.select.statuses, Statuses::SUCCESSFUL);
    assert_eq!(all.select.objects.paths.len(), 2);
    let fds = all.select.objects.fds.unwrap();
    assert!(fds.contains(3) && !fds.contains(4) && !fds.contains(-1));
    assert!(!all.detail.reads.contains(0) && all.detail.reads.contains(7));
    assert!(all.detail.raw.contains(Abi::X86_64, 0) && !all.detail.raw.contains(Abi::X86_64, 1));
    assert!(all.detail.structures.is_empty(Abi::X86_64));
    assert!(all.counts.is_none());
    let options = "-c -S name -U calls,name,min-time -w -O 5ns ls";
    let counts = config(&format!("--format strace {options}"))
        .counts
        .unwrap();
    let CountsTable::Strace(table) = counts.table else {
        panic!("{counts:?}");
    };
    assert!(counts.only && !counts.needs_go && table.wall);
    assert_eq!(table.sort, Some(Column::Name));
    let columns = [Column::Calls, Column::Name, Column::MinTime];
    assert_eq!(table.columns, columns);
    assert_eq!(table.overhead_ns, 5);
    assert!(!config("-C ls").counts.unwrap().only);
    for (name, column) in [
        ("time", Column::TotalTime),
        ("total_time", Column::TotalTime),
        ("total-time", Column::TotalTime),
        ("time_min", Column::MinTime),
        ("max_time", Column::MaxTime),
        ("longest", Column::MaxTime),
        ("avg_time", Column::AvgTime),
        ("count", Column::Calls),
        ("error", Column::Errors),
        ("syscall_name", Column::Name),
    ] {
        let counts = config(&format!("--format strace -c -S {name} ls")).counts;
        let CountsTable::Strace(table) = counts.unwrap().table else {
            panic!("{name}");
        };
        assert_eq!(table.sort, Some(column), "{name}");
    }
    assert!(complaint("--format strace -c -S p99 ls").contains("no such column"));
    assert!(!config("--status=!failed ls").select.statuses.failed);
}

#[test]
fn our_own_tables_have_strace_s_columns_and_more() {
    let config = |line: &str| config(line).counts.unwrap();
    let counts = config("-c -S p99 -U count,longest,class --interval 2s ls");
    let CountsTable::Own(style) = &counts.table else {
        panic!("{counts:?}");
    };
    use overview::Column;
    assert_eq!(style.sort, Some(Column::P99));
    let columns = [Column::Calls, Column::Max, Column::Class, Column::Name];
    assert_eq!(style.columns.as_deref(), Some(&columns[..]));
    assert_eq!(counts.interval, Some(Duration::from_secs(2)));
    assert!(counts.only && counts.needs_go);
    let counts = config("--interval 2s --no-stack ls");
    assert!(!counts.only && !counts.needs_go);
    let counts = config("-c -S max_time -U calls,error_bound ls");
    let CountsTable::Own(style) = &counts.table else {
        panic!("{counts:?}");
    };
    assert_eq!(style.sort, Some(Column::Max));
    assert!(complaint("-c -S cost ls").contains("p50"));
    assert!(complaint("--format strace --interval 2s ls").contains("exclude each other"));
}

#[test]
fn long_spellings_with_values_mean_what_strace_s_do() {
    let look = config(
        "--absolute-timestamps=unix,ns --relative-timestamps=ms --syscall-times=s \
         --decode-fds=all --strings-in-hex --quiet=exit ls",
    );
    assert_eq!(look.look.clock, Clock::Epoch(Precision::Nanos));
    assert_eq!(look.look.relative, Some(Precision::Millis));
    assert_eq!(look.look.time_in_call, Some(Precision::Seconds));
    assert_eq!(look.look.hex, Hex::All);
    assert!(look.quiet.exit && !look.quiet.attach);
    let start = config("-E A=1 -E B --argv0 x -u nobody --syscall-limit=3 ls");
    let environment = [("A".into(), Some("1".into())), ("B".into(), None)];
    assert_eq!(start.start.environment, environment);
    assert_eq!(start.start.argv0, Some("x".into()));
    assert_eq!(start.limits.max_calls, Some(3));
}

#[test]
fn no_color_is_honoured_unless_colour_is_demanded() {
    let set = Some(OsStr::new("1"));
    assert!(Color::Auto.enabled(true, None));
    assert!(Color::Auto.enabled(true, Some(OsStr::new(""))));
    assert!(!Color::Auto.enabled(true, set));
    assert!(!Color::Auto.enabled(false, None));
    assert!(Color::Always.enabled(false, set));
    assert!(!Color::Never.enabled(true, None));
    assert_eq!(config("-p 1 --color=never").look.color, Color::Never);
}

#[test]
fn options_of_later_versions_are_refused_by_name() {
    for option in [
        "--inject read:error=EIO",
        "-e inject=read:error=EIO",
        "-e fault=read",
    ] {
        let error = parse(words(&format!("-p 1 {option}"))).unwrap_err();
        assert!(error.0.contains("not in this version"), "{option}: {error}");
    }
}

#[test]
fn slow_calls_fail_a_run_from_the_number_that_is_given() {
    let of = |line: &str| config(&format!("--slow 5s {line} ls")).limits.slow_calls;
    assert_eq!(of(""), None);
    assert_eq!(of("--fail-on-slow"), Some(1));
    assert_eq!(of("--fail-on-slow=3"), Some(3));
    for (line, part) in [
        ("--fail-on-slow ls", "--slow 5s"),
        ("--slow 5s --fail-on-slow=0 ls", "at least 1"),
    ] {
        let error = parse(words(line)).unwrap_err();
        assert!(error.0.contains(part), "{line}: {error}");
    }
}

#[test]
fn structures_of_some_calls_can_be_abbreviated_alone() {
    let number = |name| crate::syscall::number(Abi::X86_64, name).unwrap();
    let in_full = config("-e abbrev=read,fstat ls").detail.in_full;
    assert!(in_full.contains(Abi::X86_64, number("futex")));
    assert!(!in_full.contains(Abi::X86_64, number("fstat")));
    assert!(
        !config("ls")
            .detail
            .in_full
            .contains(Abi::X86_64, number("futex"))
    );
}

#[test]
fn a_command_and_processes_are_traced_together_in_straces_form_alone() {
    let both = config("--format strace -p 1 ls");
    assert_eq!(
        (both.target.pids(), both.target.words().len()),
        (&[Pid(1)][..], 1)
    );
    assert!(parse(words("-p 1 ls")).is_err());
}

#[test]
fn signals_end_us_unless_told_otherwise() {
    assert!(config("ls").interruptible && config("-I waiting ls").interruptible);
    assert!(!config("-I 3 ls").interruptible && !config("-I never_tstp ls").interruptible);
    assert!(config("--kill-on-exit ls").kill_on_exit && !config("ls").kill_on_exit);
}

#[test]
fn sets_may_have_empty_items_and_two_exclamation_marks() {
    let calls = |line: &str| config(line).select.syscalls;
    assert_eq!(
        calls("--format strace -e trace=,read,,write ls"),
        calls("--format strace -e trace=!!read,write ls")
    );
    let signals = |line: &str| config(line).select.signals;
    assert_eq!(signals("-e signal=,chld ls"), signals("-e signal=chld ls"));
    assert!(config("-e read=1,,2 ls").detail.reads.contains(2));
    assert!(config("-e read=!!1 ls").detail.reads.contains(1));
}

#[test]
fn every_mistake_is_one_line_that_says_what_to_do() {
    for (line, part) in [
        ("", "-e futex,epoll_wait --slow 10ms"),
        ("-e futex", "-e futex,epoll_wait --slow 10ms"),
        ("-p", "needs a value"),
        ("-p abc", "pgrep"),
        ("-p 1,x", "pgrep"),
        ("-p 0", "greater than 0"),
        ("-p -5", "greater than 0"),
        ("-p 99999999999", "large"),
        ("-p ,", "no PID"),
        ("-p 1 ls", "exclude each other"),
        ("-p 1 2", "-p PID,2"),
        ("-p 1 -k 5", "`-k=5`"),
        ("-k 5 ls", "`-k=5`"),
        ("-p 1 -k=0", "--no-stack"),
        ("-p 1 -k --no-stack", "exclude each other"),
        ("-p 1 --slow 10", "`10ms`"),
        ("-p 1 --slow", "needs a value"),
        ("-p 1 --slow 0s", "more than zero"),
        ("-p 1 --slow -5ms", "not negative"),
        ("-p 1 -d 5", "no unit"),
        ("-p 1 --max-events 0", "at least 1"),
        ("-p 1 --max-events x", "not a number"),
        ("-p 1 -s x", "not a number"),
        ("-p 1 -s 99999999", "at most"),
        ("-p 1 -a x", "not a number"),
        ("-p 1 -e epol_wait", "did you mean `epoll_wait`?"),
        ("-p 1 -e foo=bar", "unknown qualifier"),
        ("-p 1 -e signal=foo", "signal(7)"),
        ("-p 1 -e signal=SIGTREM", "`SIGTERM`"),
        ("-p 1 -e quiet=foo", "one of attach"),
        ("-p 1 -e decode-fds=foo", "one of path"),
        ("-p 1 -e 7000", "unknown system call"),
        ("-p 1 --goroutine x", "like 42"),
        ("-p 1 --func [", "not a regular expression"),
        ("-p 1 --class ,", "no class"),
        ("-p 1 -o |", "no command"),
        ("-p 1 -ff -o f", "--format strace"),
        ("--format strace -ff -o |cat ls", "a command cannot read"),
        ("--format strace --slow 1s ls", "exclude each other"),
        ("-z -Z ls", "exclude each other"),
        ("-z -e status=failed ls", "keep one"),
        ("-c -C ls", "exclude each other"),
        ("-e status=x ls", "one of successful"),
        ("-e fd=x ls", "not a descriptor"),
        ("-e kvm=vcpu ls", "leave it out"),
        ("-e decode-pids=pidns ls", "leave out `pidns`"),
        ("-S x ls", "one of time"),
        ("-U calls,calls ls", "twice"),
        ("-U foo ls", "no such column `foo`"),
        ("-O x ls", "number of microseconds"),
        ("-b open ls", "-b execve"),
        ("-I 9 ls", "one of 1"),
        ("-D ls", "stays the parent"),
        ("--daemonize ls", "stays the parent"),
        ("--tips ls", "no tips"),
        ("--debug ls", "leave it out"),
        ("-E = ls", "no variable"),
        ("--relative-timestamps=m ls", "one of s, ms, us, ns"),
        ("--absolute-timestamps=foo ls", "one of none"),
        ("--strings-in-hex=foo ls", "one of none"),
        ("--syscall-limit 0 ls", "at least 1"),
        ("-p 1 --color blue", "one of auto, always, never"),
        ("-p 1 --format xml", "no such format"),
        ("-p 1 --slwo 5ms", "did you mean `--slow`?"),
        ("-X foo ls", "no such style"),
        ("--completions tcsh", "one of bash"),
        ("--completions bash -p 1", "cannot be used with"),
        ("--follow-forks=2 ls", "takes no value"),
    ] {
        let error = parse(words(line)).unwrap_err();
        assert!(error.0.contains(part), "{line}: {error}");
        assert!(!error.0.contains('\n'), "{line}: {error:?}");
    }
}

#[test]
fn quoted_control_characters_cannot_break_the_line_or_the_terminal() {
    let mut argv = words("-p");
    argv.push("1\n2\x1b[31m,x\ny".into());
    let error = parse(argv).unwrap_err();
    assert!(!error.0.contains(char::is_control), "{error:?}");
}

#[test]
fn bytes_that_are_not_utf8_are_fine_in_commands_and_files_alone() {
    use std::os::unix::ffi::OsStringExt as _;
    let odd = || OsString::from_vec(b"a\xff".to_vec());
    let mut argv = words("-o");
    argv.extend([odd(), odd()]);
    assert!(parse(argv).is_ok());
    let mut argv = words("-e");
    argv.push(odd());
    assert!(parse(argv).unwrap_err().0.contains("UTF-8"));
}

#[test]
fn help_version_and_completions_are_printed() {
    for (line, part) in [
        ("--help", "%blocking"),
        ("-h", "--slow 10ms"),
        ("-V", env!("CARGO_PKG_VERSION")),
        ("--completions bash", "_gostrace"),
        ("--completions zsh", "#compdef gostrace"),
        ("--man", ".TH gostrace 1"),
    ] {
        match parse(words(line)) {
            Ok(Invocation::Print(text)) => assert!(text.contains(part), "{line}"),
            other => panic!("{line}: {other:?}"),
        }
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_parser_panic_or_break_the_line(
        option in proptest::sample::select(vec![
            "-p", "-e", "--slow", "-d", "-s", "-a", "-k", "--func", "--class", "--goroutine",
            "--max-events", "--color", "--format", "-o", "--", "-p1",
        ]),
        text in "\\PC*|[!?%/=@,a-z0-9_.:-]{0,12}|[0-9.]{0,22}(ns|us|ms|s|m|h)?",
    ) {
        let argv = ["gostrace", option, &text, "x"].map(OsString::from);
        if let Err(error) = parse(argv) {
            proptest::prop_assert!(!error.0.contains(char::is_control), "{error:?}");
        }
    }
}

#[test]
fn sampling_takes_a_period_or_finds_its_own() {
    let sample = |period| Engine::Sample { period };
    assert_eq!(config("-p 1").engine, Engine::Exact);
    assert_eq!(config("--sample -p 1").engine, sample(None));
    assert_eq!(
        config("--sample=2ms true").engine,
        sample(Some(Duration::from_millis(2)))
    );
    assert_eq!(config("--sample true").target, config("true").target);
    for wrong in ["--sample=5 -p 1", "--sample=0ms -p 1", "--sample=x -p 1"] {
        let refused = parse(words(wrong)).unwrap_err().to_string();
        assert!(refused.contains("--sample"), "{refused}");
    }
}

#[test]
fn the_overhead_is_a_share_of_the_time() {
    let mixed = |per_mille| Engine::Mixed { per_mille };
    assert_eq!(config("--overhead 5% -p 1").engine, mixed(50));
    assert_eq!(config("--overhead=2.5 true").engine, mixed(25));
    for wrong in ["0", "101%", "x", "5%%", "-1"] {
        let refused = parse(words(&format!("--overhead={wrong} -p 1"))).unwrap_err();
        assert!(refused.to_string().contains("--overhead"), "{refused}");
    }
    assert!(parse(words("--overhead 5% --sample -p 1")).is_err());
}
