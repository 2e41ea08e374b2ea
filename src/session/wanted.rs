//! Which calls concern the paths and descriptors that were asked for, and what was asked for of
//! them: registers, buffers in full.

use crate::cli::config::{Config, NumberSet, Objects};
use crate::event::{DUMP_PIECE, Dump, ObjectNames, Outcome, RawCall, SyscallEvent};
use crate::fd::FdTarget;
use crate::ids::{Addr, Pid, Tid};
use crate::memory::Memory;
use crate::sys::memory::ProcessMemory;
use crate::syscall;
use crate::tracee::InCall;
use crate::value::{Arg, Note, Value};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// The most bytes of one call that are dumped, as a guard against a target that claims to have
/// written more memory than there is.
const MAX_DUMP: u64 = 1 << 26;

/// The most buffers of a vector that are dumped, for the same reason.
const MAX_BUFFERS: u64 = 1 << 16;

/// Whether a call has to do with what was asked for: one of the descriptors, or one of the paths,
/// by name or by a descriptor that is open on it.
pub(super) fn concerns(objects: &Objects, args: &[Arg], names: &ObjectNames) -> bool {
    if objects.is_empty() {
        return true;
    }
    let fds = syscall::fds(args);
    if let Some(wanted) = &objects.fds
        && fds.iter().any(|&fd| wanted.contains(fd))
    {
        return true;
    }
    let wanted = |path: &[u8]| {
        objects
            .paths
            .iter()
            .any(|p| p.as_os_str().as_bytes() == path)
    };
    if objects.paths.is_empty() {
        return false;
    }
    let named = args.iter().any(|arg| match &arg.value {
        Value::Bytes { bytes, .. } if is_path(arg.name) => wanted(bytes),
        _ => false,
    });
    named
        || names.fds.iter().any(|(fd, target)| match target {
            FdTarget::Path(path) => (fds.contains(fd) || *fd < 0) && wanted(&path.bytes),
            _ => false,
        })
}

/// Whether an argument of this name is a path (the names are those of the man pages).
fn is_path(name: &str) -> bool {
    [
        "path", "file", "name", "target", "put_old", "special", "source", "new_root",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// The paths that mean the same file as `path`, itself first, as strace takes `-P`.
#[must_use]
pub fn spellings(path: &Path) -> Vec<std::path::PathBuf> {
    let mut all = vec![path.to_owned()];
    if let Ok(real) = std::fs::canonicalize(path)
        && real != path
    {
        all.push(real);
    }
    all
}

/// Adds to the event of a call what was asked for besides.
pub(super) fn complete(config: &Config, tid: Tid, call: &InCall, event: &mut SyscallEvent) {
    let detail = &config.detail;
    let RawCall { abi, nr, .. } = event.call;
    event.extra.raw = detail.raw.contains(abi, nr);
    event.extra.pc = config.look.instruction_pointer.then_some(call.pc);
    if !detail.structures.contains(abi, nr) {
        for (arg, register) in event.args.iter_mut().zip(event.call.args) {
            if is_structure(&arg.value) {
                arg.value = Value::Ptr(Addr(register));
            }
        }
        event
            .args
            .retain(|arg| !matches!(arg.value, Value::Aside(..)));
    }
    // What a call was given to write is shown though it failed.
    match event.outcome {
        Outcome::Returned(n) => {
            event.extra.dumps = dumps(&detail.reads, &detail.writes, tid, &event.call, n);
        }
        Outcome::Failed(_) => {
            event.extra.dumps = dumps(&NumberSet::NONE, &detail.writes, tid, &event.call, 0);
        }
        _ => {}
    }
}

fn is_structure(value: &Value) -> bool {
    matches!(
        value,
        Value::Struct { .. }
            | Value::Array { .. }
            | Value::Pointee(_)
            | Value::Changed(..)
            | Value::SigSet(_)
            | Value::FdSet(_)
            | Value::CpuSet(_)
            | Value::Noted(_, Note::Vars(_) | Note::VarsUnterminated(_))
    )
}

/// What a call that returned `n` has read or written, if its descriptor is in the set.
fn dumps(reads: &NumberSet, writes: &NumberSet, tid: Tid, call: &RawCall, n: i64) -> Vec<Dump> {
    let Some(name) = syscall::name(call.abi, call.nr) else {
        return Vec::new();
    };
    let [fd, buffer, length, ..] = call.args;
    let n = n.cast_unsigned();
    let set = match name {
        "read" | "pread64" | "recv" | "recvfrom" | "readv" | "preadv" | "preadv2" | "recvmsg"
        | "recvmmsg" | "mq_timedreceive" => reads,
        "write" | "pwrite64" | "send" | "sendto" | "writev" | "pwritev" | "pwritev2"
        | "vmsplice" | "sendmsg" | "sendmmsg" | "mq_timedsend" => writes,
        _ => return Vec::new(),
    };
    if !set.contains(fd as i32) {
        return Vec::new();
    }
    let mut reader = Reader {
        memory: ProcessMemory::new(Pid::from(tid)),
        room: MAX_DUMP,
        dumps: Vec::new(),
    };
    match name {
        "read" | "pread64" | "recv" | "recvfrom" | "mq_timedreceive" => reader.plain(buffer, n),
        "write" | "pwrite64" | "send" | "sendto" | "mq_timedsend" => reader.plain(buffer, length),
        "readv" | "preadv" | "preadv2" => reader.vector(buffer, length, n),
        "writev" | "pwritev" | "pwritev2" | "vmsplice" => reader.vector(buffer, length, u64::MAX),
        "recvmsg" => reader.message(buffer, n, None),
        "sendmsg" => reader.message(buffer, u64::MAX, None),
        _ => reader.messages(buffer, n),
    }
    reader.dumps
}

struct Reader {
    memory: ProcessMemory,
    /// How many bytes more may be dumped.
    room: u64,
    dumps: Vec<Dump>,
}

/// Bytes of a line of a dump.
const LINE: u64 = 16;

/// Bytes of struct msghdr and struct mmsghdr on 64-bit machines.
const MSGHDR: u64 = 56;
const MMSGHDR: u64 = 64;

impl Reader {
    fn plain(&mut self, at: u64, length: u64) {
        self.buffer(None, Addr(at), length);
    }

    fn buffer(&mut self, place: Option<usize>, at: Addr, length: u64) {
        let bytes = self.bytes(at, length);
        if bytes.len() as u64 == length {
            self.dumps.push(Dump::Bytes(place, bytes));
        } else if place.is_some() || !bytes.is_empty() {
            self.dumps.push(Dump::Cut {
                place,
                at,
                length,
                bytes,
            });
        }
    }

    /// What can be read from the beginning on, by whole pieces.
    fn bytes(&mut self, at: Addr, length: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        // strace takes a length for none that leaves no room for a line behind it.
        if length.checked_add(LINE).is_none() || at.0.checked_add(length).is_none() {
            return bytes;
        }
        while let got = bytes.len() as u64
            && let piece @ 1.. = (length - got).min(DUMP_PIECE)
            && let Some(room) = self.room.checked_sub(piece)
            && let Ok(read) = self.memory.bytes(at.add(got), piece as usize)
        {
            bytes.extend(read);
            self.room = room;
        }
        bytes
    }

    /// The buffers of an iovec, as far as `left` bytes fill them.
    fn vector(&mut self, at: u64, count: u64, mut left: u64) {
        // strace takes the count for an int. The kernel takes no more than 1024.
        let count = count & u64::from(u32::MAX);
        if count > MAX_BUFFERS {
            return;
        }
        // All or none, as strace reads them.
        let Ok(bytes) = self.memory.bytes(Addr(at), count as usize * 16) else {
            return;
        };
        let words = bytes.as_chunks().0.iter().copied();
        let words: Vec<u64> = words.map(u64::from_le_bytes).collect();
        for (place, &[base, length]) in words.as_chunks().0.iter().enumerate() {
            let length = length.min(left);
            if length == 0 {
                break;
            }
            left -= length;
            self.buffer(Some(place), Addr(base), length);
        }
    }

    /// The buffers of a msghdr.
    fn message(&mut self, at: u64, left: u64, place: Option<usize>) {
        const IOV: u64 = 16;
        let iov = Addr(at.wrapping_add(IOV));
        let (Ok(vector), Ok(count)) = (self.memory.u64(iov), self.memory.u64(iov.add(8))) else {
            return;
        };
        if let Some(place) = place {
            // As many as there are; those without data are not shown.
            let buffers = usize::try_from(count).unwrap_or(usize::MAX);
            self.dumps.push(Dump::Message(place, buffers));
        }
        self.vector(vector, count, left);
    }

    /// The buffers of the first `count` mmsghdrs.
    fn messages(&mut self, at: u64, count: u64) {
        for place in 0..count.min(1024) {
            let header = at.wrapping_add(place * MMSGHDR);
            let Ok(length) = self.memory.u32(Addr(header.wrapping_add(MSGHDR))) else {
                return;
            };
            self.message(header, u64::from(length), usize::try_from(place).ok());
        }
    }
}
