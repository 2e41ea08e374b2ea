//! Processes and threads.

use crate::syscall::describe::{Kind::*, calls};
use crate::syscall::kinds::process::*;
use crate::syscall::kinds::signal::siginfo;
use crate::syscall::names::process::*;

calls! {
    wait4(pid: Pid, wstatus: Out(wait_status), options: Flags(&WAIT_OPTIONS),
        rusage: Out(wait_rusage)) -> Pid;
    waitid(idtype: Const(&WAIT_IDS), id: In(waitid_id), infop: Out(siginfo),
        options: Flags(&WAIT_OPTIONS), rusage: Out(rusage));
    exit(status: Int) -> None;
    exit_group(status: Int) -> None;
    restart_syscall();
}
