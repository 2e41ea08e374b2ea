//! What descriptors, process ids and network interfaces in a call stand for, read while its thread is
//! held: afterwards they may stand for something else.

use super::{Capture, EntryPart};
use crate::event::{ObjectNames, Outcome};
use crate::fd::FdTarget;
use crate::ids::{Pid, Tid};
use crate::sys::{procfs, sock_diag};
use crate::syscall;
use crate::tracee::InCall;
use crate::value::{Arg, Value};
use std::sync::Arc;

impl Capture {
    pub(super) fn name_result(
        &self,
        tid: Tid,
        call: &InCall,
        outcome: Outcome,
        asked: &[i32],
        entry: &mut EntryPart,
    ) {
        self.add_names_but(tid, &entry.args, asked, &mut entry.names);
        let Outcome::Returned(value) = outcome else {
            return;
        };
        let Ok(number) = i32::try_from(value) else {
            return;
        };
        match syscall::result_kind(&call.call) {
            // dup2 has put something else in the place of what was there.
            syscall::ResultKind::Fd if asked.contains(&number) => {
                entry.names.returned = self.fd_target(tid, number);
            }
            syscall::ResultKind::Fd => self.add_fd(tid, number, &mut entry.names),
            syscall::ResultKind::Pid => self.add_process(number, &mut entry.names),
            _ => {}
        }
    }

    pub(super) fn add_names(&self, tid: Tid, args: &[Arg], names: &mut ObjectNames) {
        self.add_names_but(tid, args, &[], names);
    }

    /// All but the names of these descriptors.
    fn add_names_but(&self, tid: Tid, args: &[Arg], but: &[i32], names: &mut ObjectNames) {
        for fd in syscall::fds(args) {
            if !but.contains(&fd) {
                self.add_fd(tid, fd, names);
            }
        }
        if self.working_directory {
            add_working_directory(tid, args, names);
        }
        for pid in syscall::pids(args) {
            self.add_process(pid, names);
        }
        for index in syscall::interfaces(args) {
            if let Some(name) = procfs::interface_name(tid, index) {
                names.interfaces.push((index, name.into()));
            }
        }
    }

    pub(super) fn add_fd(&self, tid: Tid, fd: i32, names: &mut ObjectNames) {
        if names.fds.iter().any(|(known, _)| *known == fd) {
            return;
        }
        // Not open (any more): shown as a plain number.
        let Some(target) = self.fd_target(tid, fd) else {
            return;
        };
        if let FdTarget::PidFd { pid, .. } = &target {
            self.add_process(pid.0, names);
        }
        names.fds.push((fd, target));
    }

    fn fd_target(&self, tid: Tid, fd: i32) -> Option<FdTarget> {
        if !self.name_objects || fd < 0 {
            return None;
        }
        self.known.fd(tid, fd, || self.read_fd(tid, fd))
    }

    fn read_fd(&self, tid: Tid, fd: i32) -> Option<FdTarget> {
        let link = procfs::fd_link(tid, fd).ok()?;
        let info = FdTarget::wants_fdinfo(&link)
            .then(|| procfs::fd_info(tid, fd).ok())
            .flatten();
        let mut target = FdTarget::parse(&link, info.as_deref());
        if let FdTarget::Socket { .. } = target
            && let Some(protocol) = sock_diag::protocol(tid, fd)
        {
            target.set_protocol(&protocol);
        }
        if let FdTarget::Socket { .. } = target
            && let Some(Ok(mut names)) = self.sockets.as_ref().map(|names| names.lock())
        {
            names.find_endpoints(Pid::from(tid), tid, &mut target);
        }
        if let FdTarget::Path(path) = &mut target {
            if path.deleted && procfs::fd_leads_to(tid, fd, &link) {
                // It is not deleted: it is called so.
                path.bytes = link.as_slice().into();
                path.deleted = false;
            }
            if self.device_numbers {
                path.device = procfs::fd_device(tid, fd);
            }
        }
        Some(target)
    }

    pub(super) fn add_process(&self, pid: i32, names: &mut ObjectNames) {
        if !self.name_objects || pid <= 0 || names.processes.iter().any(|(known, _)| *known == pid)
        {
            return;
        }
        let read = || procfs::comm_bytes(Tid(pid)).map(Arc::from);
        // One without a name goes by its number.
        if let Some(comm) = self
            .known
            .process(pid, read)
            .filter(|comm| !comm.is_empty())
        {
            names.processes.push((pid, comm));
        }
    }
}

/// What AT_FDCWD means, where the call has it.
fn add_working_directory(tid: Tid, args: &[Arg], names: &mut ObjectNames) {
    const AT_FDCWD: i32 = -100;
    let mut meant = false;
    syscall::visit(args, &mut |v| meant |= *v == Value::DirFd(AT_FDCWD));
    let known = names.fds.iter().any(|(fd, _)| *fd == AT_FDCWD);
    if meant
        && !known
        && let Ok(link) = procfs::cwd_link(tid)
    {
        names.fds.push((AT_FDCWD, FdTarget::parse(&link, None)));
    }
}
