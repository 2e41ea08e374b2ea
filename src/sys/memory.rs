//! A live process's memory: process_vm_readv, with /proc/PID/mem where that is refused.

use crate::ids::{Addr, Pid};
use crate::memory::{Memory, MemoryError, MemoryErrorKind};
use nix::errno::Errno;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid as NixPid;
use std::fs::File;
use std::io::IoSliceMut;
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;

/// The memory of a live process. Reads nothing ahead and keeps nothing.
#[derive(Debug)]
pub struct ProcessMemory {
    pid: Pid,
    /// Opened when process_vm_readv turns out to be filtered (ENOSYS, EPERM by seccomp).
    fallback: OnceLock<Option<File>>,
}

impl ProcessMemory {
    /// The memory of `pid` (any thread's id will do).
    #[must_use]
    pub fn new(pid: Pid) -> ProcessMemory {
        ProcessMemory {
            pid,
            fallback: OnceLock::new(),
        }
    }

    fn read_fallback(&self, addr: Addr, buf: &mut [u8], first: Errno) -> Result<usize, Errno> {
        let file = self
            .fallback
            .get_or_init(|| File::open(format!("/proc/{}/mem", self.pid)).ok());
        let Some(file) = file else { return Err(first) };
        file.read_at(buf, addr.0)
            .map_err(|e| Errno::from_raw(e.raw_os_error().unwrap_or(libc::EIO)))
    }
}

impl Memory for ProcessMemory {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        let len = buf.len();
        if len == 0 {
            return Ok(0);
        }
        let remote = [RemoteIoVec {
            base: addr.0 as usize,
            len,
        }];
        let pid = NixPid::from_raw(self.pid.0);
        let result = match process_vm_readv(pid, &mut [IoSliceMut::new(buf)], &remote) {
            Err(e @ (Errno::ENOSYS | Errno::EPERM)) => self.read_fallback(addr, buf, e),
            other => other,
        };
        let kind = match result {
            Ok(0) => MemoryErrorKind::Unmapped,
            Ok(n) => return Ok(n),
            Err(Errno::ESRCH) => MemoryErrorKind::Gone,
            Err(Errno::EPERM | Errno::EACCES | Errno::ENOSYS) => MemoryErrorKind::Denied,
            Err(_) => MemoryErrorKind::Unmapped,
        };
        Err(MemoryError { addr, len, kind })
    }
}
