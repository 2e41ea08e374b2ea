//! What a decoder sees: the call, the tracee's memory, and how the call ended. Reads of
//! memory are bounded here, whatever lengths the tracee claims.

use super::DecodeContext;
use crate::arch::Abi;
use crate::event::{Outcome, RawCall};
use crate::ids::Addr;
use crate::value::Value;

/// The most bytes of a buffer, and elements of an array, that are ever read.
const HARD_LIMIT: usize = 1 << 20;

/// The longest path the kernel takes, its NUL included (linux/limits.h).
pub(crate) const PATH_MAX: usize = 4096;

/// What a decoder sees.
pub(crate) struct Cx<'a> {
    pub call: &'a RawCall,
    pub context: &'a DecodeContext<'a>,
    /// How the call ended; `None` while it has not.
    pub outcome: Option<Outcome>,
    /// The lengths that arguments pointed to when the call began.
    pub lengths: [Option<i64>; 6],
}

/// The bytes of one structure.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a> {
    pub addr: Addr,
    pub data: &'a [u8],
}

impl Bytes<'_> {
    fn take<const N: usize>(&self, at: usize) -> [u8; N] {
        // The offsets are constants inside the size that was read, so there is always a hit.
        self.data
            .get(at..)
            .and_then(|rest| rest.first_chunk::<N>())
            .copied()
            .unwrap_or([0; N])
    }

    pub(crate) fn u8(&self, at: usize) -> u8 {
        self.take::<1>(at)[0]
    }

    pub(crate) fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.take(at))
    }

    pub(crate) fn u16_be(&self, at: usize) -> u16 {
        u16::from_be_bytes(self.take(at))
    }

    pub(crate) fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.take(at))
    }

    pub(crate) fn i32(&self, at: usize) -> i32 {
        i32::from_le_bytes(self.take(at))
    }

    pub(crate) fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.take(at))
    }

    pub(crate) fn i64(&self, at: usize) -> i64 {
        i64::from_le_bytes(self.take(at))
    }

    /// The structure with zeros up to its whole size, in `room`.
    pub(crate) fn padded<'r>(&self, room: &'r mut [u8]) -> Bytes<'r> {
        for (to, from) in room.iter_mut().zip(self.data) {
            *to = *from;
        }
        Bytes {
            addr: self.addr,
            data: room,
        }
    }

    /// The structure inside this one that begins at `at`.
    pub(crate) fn sub(&self, at: usize) -> Bytes<'_> {
        Bytes {
            addr: self.addr.add(at as u64),
            data: self.data.get(at..).unwrap_or(&[]),
        }
    }
}

impl Cx<'_> {
    /// Argument register `n`.
    pub(crate) fn arg(&self, n: usize) -> u64 {
        self.call.args.get(n).copied().unwrap_or(0)
    }

    /// What the call returned, if it succeeded.
    pub(crate) fn returned(&self) -> Option<i64> {
        match self.outcome {
            Some(Outcome::Returned(n)) => Some(n),
            _ => None,
        }
    }

    /// What the call returned as a count: zero if it failed or is still running.
    pub(crate) fn count(&self) -> u64 {
        self.returned().map_or(0, |n| n.max(0) as u64)
    }

    /// The error the call failed with.
    pub(crate) fn errno(&self) -> Option<i32> {
        match self.outcome {
            Some(Outcome::Failed(e)) => Some(e.0),
            _ => None,
        }
    }

    /// Whether the call was made on arm64.
    pub(crate) fn is_aarch64(&self) -> bool {
        self.call.abi == Abi::Aarch64
    }

    /// What the netlink socket behind a descriptor speaks; `None` for any other.
    pub(crate) fn netlink_family(&self, fd: i32) -> Option<u32> {
        let (tid, ask) = self.context.netlink?;
        ask(tid, fd)
    }

    /// How many elements of an array are shown: with -v, all that there may be.
    pub(crate) fn elements(&self) -> usize {
        match self.context.verbose {
            true => HARD_LIMIT,
            false => self.limit(),
        }
    }

    /// How many bytes of a string are shown.
    pub(crate) fn limit(&self) -> usize {
        self.context.string_limit.min(HARD_LIMIT)
    }

    /// `N` bytes at `addr`.
    pub(crate) fn read<const N: usize>(&self, addr: u64) -> Option<[u8; N]> {
        let mut buf = [0; N];
        self.context.memory.read(Addr(addr), &mut buf).ok()?;
        Some(buf)
    }

    /// The u32 at `addr`.
    pub(crate) fn u32_at(&self, addr: u64) -> Option<u32> {
        if addr == 0 {
            return None;
        }
        self.read(addr).map(u32::from_le_bytes)
    }

    /// The u64 at `addr`.
    pub(crate) fn u64_at(&self, addr: u64) -> Option<u64> {
        if addr == 0 {
            return None;
        }
        self.read(addr).map(u64::from_le_bytes)
    }

    /// The structure of `N` bytes at `addr`, made into a value; the pointer itself where it
    /// is NULL or leads nowhere.
    pub(crate) fn structure<const N: usize>(
        &self,
        addr: u64,
        make: impl FnOnce(&Bytes<'_>) -> Value,
    ) -> Value {
        if addr == 0 {
            return Value::Ptr(Addr(0));
        }
        match self.read::<N>(addr) {
            Some(data) => make(&Bytes {
                addr: Addr(addr),
                data: &data,
            }),
            None => Value::Unreadable(Addr(addr)),
        }
    }

    /// The single value that `addr` points to.
    pub(crate) fn pointee<const N: usize>(
        &self,
        addr: u64,
        make: impl FnOnce(&Bytes<'_>) -> Value,
    ) -> Value {
        self.structure::<N>(addr, |b| make(b).pointee())
    }

    /// The array of `count` structures of `N` bytes at `addr`, as many as are shown.
    pub(crate) fn array<const N: usize>(
        &self,
        addr: u64,
        count: u64,
        make: impl FnMut(&Bytes<'_>) -> Value,
    ) -> Value {
        self.array_of::<N>(addr, count, self.elements(), make)
    }

    /// As [`Cx::array`], at most `most` of them.
    pub(crate) fn array_of<const N: usize>(
        &self,
        addr: u64,
        count: u64,
        most: usize,
        mut make: impl FnMut(&Bytes<'_>) -> Value,
    ) -> Value {
        if addr == 0 {
            return Value::Ptr(Addr(0));
        }
        if count == 0 {
            return Value::array(Vec::new());
        }
        let overflows = count
            .checked_mul(N as u64)
            .and_then(|bytes| addr.checked_add(bytes))
            .is_none();
        if overflows {
            return Value::Unreadable(Addr(addr));
        }
        let mut items = Vec::new();
        let mut unreadable = None;
        // One more than is shown is read, as strace does: it tells whether there are more.
        for n in 0..count.min((most as u64).saturating_add(1)) {
            let at = addr + n * N as u64;
            let Some(data) = self.read::<N>(at) else {
                unreadable = Some(Addr(at));
                break;
            };
            if n == most as u64 {
                break;
            }
            items.push(make(&Bytes {
                addr: Addr(at),
                data: &data,
            }));
        }
        if items.is_empty() && unreadable.is_some() {
            return Value::Unreadable(Addr(addr));
        }
        Value::Array {
            truncated: count > most as u64 && unreadable.is_none(),
            items,
            unreadable,
        }
    }

    /// `value`, the structure at `addr` of which we know `known` bytes, with what the caller passed
    /// behind them (`size` bytes in all), where that is not zero.
    pub(crate) fn with_tail(&self, value: Value, addr: u64, known: u64, size: u64) -> Value {
        const PAGE: u64 = 4096;
        let Value::Struct { mut fields, more } = value else {
            return value;
        };
        if size > known {
            let at = Addr(addr.wrapping_add(known));
            let len = size.min(PAGE) - known;
            match self.context.memory.bytes(at, len as usize) {
                Ok(bytes) if bytes.iter().all(|b| *b == 0) => {}
                Ok(bytes) => fields.push(("", Value::Rest(known, bytes))),
                Err(_) => fields.push(("", Value::Symbol("???"))),
            }
        }
        Value::Struct { fields, more }
    }

    /// The `count` structures of `N` bytes at `addr`, all or none.
    pub(crate) fn tuple<const N: usize>(
        &self,
        addr: u64,
        count: usize,
        make: impl FnMut(&Bytes<'_>) -> Value,
    ) -> Value {
        match self.array_of::<N>(addr, count as u64, count, make) {
            Value::Array {
                unreadable: Some(_),
                ..
            } => Value::Unreadable(Addr(addr)),
            value => value,
        }
    }

    /// The buffer of `len` bytes at `addr`, as much of it as is shown.
    pub(crate) fn buffer(&self, addr: u64, len: u64) -> Value {
        if addr == 0 {
            return Value::Ptr(Addr(0));
        }
        let shown = len.min(self.limit() as u64) as usize;
        // strace reads one byte more than it shows, and shows none where that is not there.
        let read = len.min(shown as u64 + 1) as usize;
        match self.context.memory.bytes(Addr(addr), read) {
            Ok(mut bytes) => {
                bytes.truncate(shown);
                Value::Bytes {
                    truncated: len > shown as u64,
                    bytes,
                }
            }
            Err(_) => Value::Unreadable(Addr(addr)),
        }
    }

    /// The NUL-terminated string at `addr`, of which `most` bytes are shown.
    pub(crate) fn text(&self, addr: u64, most: usize) -> Value {
        if addr == 0 {
            return Value::Ptr(Addr(0));
        }
        // One byte more than is shown tells whether the string goes on. What is readable is
        // taken chunk by chunk: a string may end just before memory does.
        let mut bytes = Vec::new();
        while bytes.len() <= most {
            let mut chunk = [0; 256];
            let want = chunk.len().min(most - bytes.len() + 1);
            let at = Addr(addr).add(bytes.len() as u64);
            let Ok(got) = self.context.memory.read_some(at, &mut chunk[..want]) else {
                return Value::Unreadable(Addr(addr));
            };
            let chunk = chunk.get(..got).unwrap_or(&[]);
            if let Some(end) = chunk.iter().position(|b| *b == 0) {
                bytes.extend_from_slice(&chunk[..end]);
                return Value::Bytes {
                    bytes,
                    truncated: false,
                };
            }
            bytes.extend_from_slice(chunk);
        }
        bytes.truncate(most);
        Value::Bytes {
            bytes,
            truncated: true,
        }
    }

    /// The NUL-terminated string at `addr`, shown up to the string limit.
    pub(crate) fn string(&self, addr: u64) -> Value {
        self.text(addr, self.limit())
    }

    /// The NUL-terminated string at `addr`, which the kernel looks at no further than `most` bytes.
    pub(crate) fn text_within(&self, addr: u64, most: usize) -> Value {
        if self.limit() < most {
            return self.string(addr);
        }
        if addr == 0 {
            return Value::Ptr(Addr(0));
        }
        let mut room = vec![0; most];
        let Ok(got) = self.context.memory.read_some(Addr(addr), &mut room) else {
            return Value::Unreadable(Addr(addr));
        };
        room.truncate(got);
        let end = room.iter().position(|b| *b == 0);
        if end.is_none() && got < most {
            return Value::Unreadable(Addr(addr));
        }
        room.truncate(end.unwrap_or(most));
        Value::Bytes {
            bytes: room,
            truncated: end.is_none(),
        }
    }

    /// The path at `addr`; paths are always shown in full.
    pub(crate) fn path(&self, addr: u64) -> Value {
        self.text(addr, PATH_MAX - 1)
    }
}
