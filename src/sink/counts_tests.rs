use super::*;
use crate::event::{Extra, GoContext, ObjectNames, RawCall, Seen, Start, Timestamp};
use crate::ids::{Errno, Pid, Tid};

fn call(nr: u64, outcome: Outcome, system_us: u64, wall_us: u64) -> Event {
    let at = |us: u64| Timestamp {
        mono_ns: us * 1000,
        wall_ns: us * 1000,
    };
    Event::Syscall(Box::new(SyscallEvent {
        pid: Pid(1),
        tid: Tid(1),
        call: RawCall {
            abi: Abi::X86_64,
            nr,
            args: [0; 6],
        },
        args: Vec::new(),
        start: Start::Seen(at(0)),
        end: at(wall_us),
        outcome,
        seen: Seen::Exact,
        names: ObjectNames::default(),
        go: GoContext::default(),
        extra: Extra {
            system_ns: system_us * 1000,
            ..Extra::default()
        },
        wait: None,
        findings: Vec::new(),
    }))
}

fn table(style: TableStyle) -> String {
    let mut out = Vec::new();
    let mut sink = CountsSink::new(&mut out, style);
    for event in [
        call(0, Outcome::Returned(1), 30, 100),
        call(0, Outcome::Returned(1), 60, 300),
        call(3, Outcome::Returned(0), 10, 20),
        call(21, Outcome::Failed(Errno(2)), 200, 210),
        call(231, Outcome::Gone, 5, 5),
    ] {
        sink.event(&event).unwrap();
    }
    sink.finish(&Summary::default()).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_table_is_strace_s() {
    assert_eq!(
        table(TableStyle::default()),
        "\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 66.67    0.000200         200         1         1 access
 30.00    0.000090          45         2           read
  3.33    0.000010          10         1           close
------ ----------- ----------- --------- --------- ----------------
100.00    0.000300          75         4         1 total
"
    );
}

#[test]
fn columns_order_and_clock_are_chosen() {
    let style = TableStyle {
        columns: vec![
            Column::Name,
            Column::Calls,
            Column::MinTime,
            Column::MaxTime,
        ],
        sort: Some(Column::Name),
        wall: true,
        overhead_ns: 10_000,
    };
    assert_eq!(
        table(style),
        "\
syscall              calls shortest  longest
---------------- --------- -------- --------
access                   1 0.000200 0.000200
close                    1 0.000010 0.000010
read                     2 0.000090 0.000290
---------------- --------- -------- --------
total                    4 0.000010 0.000290
"
    );
}
