//! The function table: PC to function, and what a function's tables say at a PC.
//! Every lookup reads only what it needs; nothing is parsed up front. Source:
//! runtime/symtab.go (`findfunc`, `pcvalue`, `step`), runtime/symtabinl.go.

use super::module::{Module, TableFormat};
use super::module_layout::Slice;
use crate::arch::Arch;
use crate::ids::Addr;
use crate::memory::{Memory, MemoryError};
use thiserror::Error;

/// Why a lookup failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum TableError {
    /// The table could not be read.
    #[error("function table: {0}")]
    Memory(#[from] MemoryError),
    /// The table contradicts itself.
    #[error("function table: {0}")]
    Corrupt(&'static str),
}

/// `FuncFlagTopFrame`: the stack ends here (internal/abi/symtab.go).
pub const FLAG_TOP_FRAME: u8 = 1;
/// `FuncFlagSPWrite`: writes to SP in ways the pcsp table does not tell.
pub const FLAG_SP_WRITE: u8 = 2;

/// `abi.FuncTabBucketSize`, and its 16 parts.
const BUCKET: u64 = 4096;
const SUBBUCKET: u64 = 256;
const BUCKET_BYTES: u64 = 20;
/// Functions that a search may step over: a 256-byte part of the code holds no more.
const MAX_STEPS: usize = 512;
/// Bytes of one pc-value table that are walked: the largest seen have some 100 kB.
const MAX_TABLE: u64 = 4 << 20;
/// `PCDATA_InlTreeIndex`.
const PCDATA_INL_TREE: u32 = 2;
/// `FUNCDATA_InlTree`.
const FUNCDATA_INL_TREE: u32 = 3;
/// Longest function or file name that is believed.
const MAX_NAME: u64 = 64 << 10;

/// A function (`runtime._func`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Func {
    /// Its first instruction.
    pub entry: Addr,
    /// Where the next function begins.
    pub end: Addr,
    /// Its name, as an offset into funcnametab.
    pub name: u32,
    /// `FLAG_*`.
    pub flag: u8,
    pcsp: u32,
    pcfile: u32,
    pcln: u32,
    cu: u32,
    /// Offset of the inline tree index table; 0 for none.
    inl_index: u32,
    /// The inline tree.
    inl_tree: Option<Addr>,
}

/// An entry of the inline tree (`runtime.inlinedCall`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InlinedCall {
    /// Name of the inlined function, as an offset into funcnametab.
    pub name: u32,
    /// An instruction whose position is that of the call.
    pub parent_pc: Addr,
}

impl Module {
    /// The function that holds `pc`; `None` where there is none (`findfunc`).
    ///
    /// # Errors
    /// When the tables cannot be read or are damaged.
    pub fn find_func(
        &self,
        memory: &(impl Memory + ?Sized),
        pc: Addr,
    ) -> Result<Option<Func>, TableError> {
        if !self.contains(pc) {
            return Ok(None);
        }
        let Some(offset) = self.text_offset(pc) else {
            return Ok(None);
        };
        let x = u64::from(offset)
            .wrapping_add(self.text.0)
            .wrapping_sub(self.code.start.0);
        let bucket = self
            .findfunctab
            .add((x / BUCKET).wrapping_mul(BUCKET_BYTES));
        let bytes = memory.bytes(bucket, BUCKET_BYTES as usize)?;
        let sub = 4 + (x % BUCKET / SUBBUCKET) as usize;
        let mut index = u64::from(le32(&bytes, 0)) + u64::from(bytes[sub]);
        let mut window = self.functab(memory, index)?;
        for _ in 0..MAX_STEPS {
            let [here, next] = match window[..] {
                [here, next, ..] => [here, next],
                _ => {
                    window = self.functab(memory, index)?;
                    continue;
                }
            };
            if next.0 > offset {
                if here.0 > offset {
                    return Err(TableError::Corrupt("a bucket points behind its code"));
                }
                return self.func(memory, here, next.0);
            }
            window.remove(0);
            index += 1;
        }
        Err(TableError::Corrupt(
            "no function within reach of its bucket",
        ))
    }

    /// Entries (code offset, record offset) of ftab from `index` on, two at least.
    fn functab(
        &self,
        memory: &(impl Memory + ?Sized),
        index: u64,
    ) -> Result<Vec<(u32, u32)>, TableError> {
        const WINDOW: u64 = 24;
        // The last entry has only a code offset.
        let left = self.ftab.len.saturating_sub(index);
        if left < 2 {
            return Err(TableError::Corrupt("function index beyond the table"));
        }
        let n = left.min(WINDOW);
        let whole = if n == left { n * 8 - 4 } else { n * 8 };
        let bytes = memory.bytes(self.ftab.addr.add(index * 8), whole as usize)?;
        Ok(bytes
            .chunks(8)
            .map(|b| (le32(b, 0), if b.len() == 8 { le32(b, 4) } else { 0 }))
            .collect())
    }

    fn func(
        &self,
        memory: &(impl Memory + ?Sized),
        (start, record): (u32, u32),
        end: u32,
    ) -> Result<Option<Func>, TableError> {
        // Records lie behind ftab; an offset into it marks a gap between text sections.
        if u64::from(record) < self.ftab.len * 8 - 4 {
            return Ok(None);
        }
        let size = self.format.func_size();
        // Most records with their pcdata and funcdata fit.
        let mut bytes = vec![0; 128];
        let at = self.pclntable.addr.add(u64::from(record));
        let got = memory.read_some(at, &mut bytes)?;
        bytes.truncate(got);
        if got < size || u64::from(record) + size as u64 > self.pclntable.len {
            return Err(TableError::Corrupt("a function record is beyond the table"));
        }
        let entry = self.text_addr(le32(&bytes, 0));
        if le32(&bytes, 0) != start {
            return Err(TableError::Corrupt("a function record has another entry"));
        }
        let extra = |index: u64| -> Result<u32, TableError> {
            let offset = size + index as usize * 4;
            if offset + 4 <= bytes.len() {
                return Ok(le32(&bytes, offset));
            }
            Ok(memory.u32(at.add(offset as u64))?)
        };
        let npcdata = le32(&bytes, 28);
        let nfuncdata = bytes[size - 1];
        if npcdata > 1 << 16 {
            return Err(TableError::Corrupt("a function has too many tables"));
        }
        let inl_index = match npcdata > PCDATA_INL_TREE {
            true => extra(u64::from(PCDATA_INL_TREE))?,
            false => 0,
        };
        let inl_tree = match u32::from(nfuncdata) > FUNCDATA_INL_TREE {
            true => Some(extra(u64::from(npcdata + FUNCDATA_INL_TREE))?),
            false => None,
        };
        Ok(Some(Func {
            entry,
            end: self.text_addr(end),
            name: le32(&bytes, 4),
            flag: bytes[self.format.flag_offset()],
            pcsp: le32(&bytes, 16),
            pcfile: le32(&bytes, 20),
            pcln: le32(&bytes, 24),
            cu: le32(&bytes, 32),
            inl_index,
            inl_tree: inl_tree
                .filter(|off| *off != u32::MAX)
                .map(|off| self.gofunc.add(u64::from(off))),
        }))
    }

    /// `textOff`: address to offset.
    fn text_offset(&self, pc: Addr) -> Option<u32> {
        for &(start, end, base) in &self.sections {
            if pc.0 >= base && pc.0 - base < end.saturating_sub(start) {
                return u32::try_from((pc.0 - base).checked_add(start)?).ok();
            }
        }
        if !self.sections.is_empty() {
            return None;
        }
        u32::try_from(pc.0.checked_sub(self.text.0)?).ok()
    }

    /// `textAddr`: offset to address.
    pub(super) fn text_addr(&self, offset: u32) -> Addr {
        let offset = u64::from(offset);
        let mut sections = self.sections.iter();
        match sections.find(|(start, end, _)| (*start..*end).contains(&offset)) {
            Some((start, _, base)) => Addr(base.wrapping_add(offset - start)),
            None => self.text.add(offset),
        }
    }

    /// Bytes the stack pointer has moved since `f`'s entry, at `pc`; `None` where the
    /// function has no such table (it is not Go's).
    ///
    /// # Errors
    /// When the table cannot be read, is damaged, or does not cover `pc`.
    pub fn sp_delta(
        &self,
        memory: &(impl Memory + ?Sized),
        f: &Func,
        pc: Addr,
    ) -> Result<Option<i32>, TableError> {
        match f.pcsp {
            0 => Ok(None),
            table => match self.pc_value(memory, f, table, pc)? {
                None => Err(TableError::Corrupt("no frame size for this address")),
                known => Ok(known),
            },
        }
    }

    /// File and line of the instruction at `pc`; `None` where the table has none.
    ///
    /// # Errors
    /// When the tables cannot be read or are damaged.
    pub fn file_line(
        &self,
        memory: &(impl Memory + ?Sized),
        f: &Func,
        pc: Addr,
    ) -> Result<Option<(Vec<u8>, u32)>, TableError> {
        let file = self.pc_value(memory, f, f.pcfile, pc)?;
        let line = self.pc_value(memory, f, f.pcln, pc)?;
        let (Some(Ok(file)), Some(Ok(line))) = (file.map(u32::try_from), line.map(u32::try_from))
        else {
            return Ok(None);
        };
        let index = u64::from(f.cu) + u64::from(file);
        if index >= self.cutab.len {
            return Err(TableError::Corrupt("a file number is beyond the table"));
        }
        match memory.u32(self.cutab.addr.add(index * 4))? {
            u32::MAX => Ok(None),
            offset => Ok(Some((self.text_at(memory, self.filetab, offset)?, line))),
        }
    }

    /// The innermost call that was inlined at `pc`; `None` at the function's own code.
    ///
    /// # Errors
    /// When the tables cannot be read or are damaged.
    pub fn inlined_at(
        &self,
        memory: &(impl Memory + ?Sized),
        f: &Func,
        pc: Addr,
    ) -> Result<Option<InlinedCall>, TableError> {
        let Some(tree) = f.inl_tree else {
            return Ok(None);
        };
        let index = self.pc_value(memory, f, f.inl_index, pc)?;
        let Some(Ok(index)) = index.map(u64::try_from) else {
            return Ok(None);
        };
        let (size, name, parent) = match self.format {
            TableFormat::Go118 => (20, 12, 16),
            TableFormat::Go120 => (16, 4, 8),
        };
        // As runtime/symtabinl.go has it: the tree is cast to [1<<20]inlinedCall.
        if index >= 1 << 20 {
            return Err(TableError::Corrupt("an inlined call is beyond the tree"));
        }
        let entry = memory.bytes(tree.add(index * size), size as usize)?;
        let parent_pc = f.entry.add(u64::from(le32(&entry, parent)));
        if parent_pc >= f.end {
            return Err(TableError::Corrupt(
                "an inlined call is outside its function",
            ));
        }
        Ok(Some(InlinedCall {
            name: le32(&entry, name),
            parent_pc,
        }))
    }

    /// The function name at `offset`, as the table has it.
    ///
    /// # Errors
    /// When it cannot be read or lies beyond the table.
    pub fn func_name(
        &self,
        memory: &(impl Memory + ?Sized),
        offset: u32,
    ) -> Result<Vec<u8>, TableError> {
        self.text_at(memory, self.funcnametab, offset)
    }

    fn text_at(
        &self,
        memory: &(impl Memory + ?Sized),
        table: Slice,
        offset: u32,
    ) -> Result<Vec<u8>, TableError> {
        let left = table.len.saturating_sub(u64::from(offset)).min(MAX_NAME);
        let at = table.addr.add(u64::from(offset));
        match memory.cstr(at, left as usize)? {
            (text, true) => Ok(text),
            (_, false) => Err(TableError::Corrupt("a name does not end")),
        }
    }

    /// The value of the pc-value table at offset `table` for `target` (`pcvalue`); `None`
    /// where the table has no value.
    fn pc_value(
        &self,
        memory: &(impl Memory + ?Sized),
        f: &Func,
        table: u32,
        target: Addr,
    ) -> Result<Option<i32>, TableError> {
        if table == 0 {
            return Ok(None);
        }
        let left = self.pctab.len.saturating_sub(u64::from(table));
        let mut bytes = Bytes {
            memory,
            at: self.pctab.addr.add(u64::from(table)),
            left: left.min(MAX_TABLE),
            buf: Vec::new(),
            pos: 0,
        };
        let quantum = match self.arch {
            Arch::X86_64 => 1,
            Arch::Aarch64 => 4,
        };
        let mut value = -1i32;
        let mut pc = f.entry;
        loop {
            let delta = bytes.varint()?;
            if delta == 0 && pc != f.entry {
                return Ok(None);
            }
            // Zigzag, as `step` decodes it.
            value = value.wrapping_add(((delta >> 1) as i32) ^ -((delta & 1) as i32));
            pc = pc.add(u64::from(bytes.varint()?) * quantum);
            if target < pc {
                return Ok((value != -1).then_some(value));
            }
        }
    }
}

/// A table read in steps that grow: most values are found within the first.
struct Bytes<'a, M: Memory + ?Sized> {
    memory: &'a M,
    at: Addr,
    left: u64,
    buf: Vec<u8>,
    pos: usize,
}

impl<M: Memory + ?Sized> Bytes<'_, M> {
    fn byte(&mut self) -> Result<u8, TableError> {
        if self.pos == self.buf.len() {
            let want = (self.buf.len() * 4).clamp(128, 16 << 10) as u64;
            let want = want.min(self.left) as usize;
            if want == 0 {
                return Err(TableError::Corrupt("a value table does not end"));
            }
            self.buf.resize(want, 0);
            let got = self.memory.read_some(self.at, &mut self.buf)?;
            self.buf.truncate(got);
            self.at = self.at.add(got as u64);
            self.left -= got as u64;
            self.pos = 0;
        }
        let byte = self.buf.get(self.pos).copied();
        self.pos += 1;
        byte.ok_or(TableError::Corrupt("a value table does not end"))
    }

    /// `readvarint`, of which 32 bits count.
    fn varint(&mut self) -> Result<u32, TableError> {
        let mut value = 0u32;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(TableError::Corrupt("a number is too long"))
    }
}

impl TableFormat {
    /// Size of `_func` without what follows it.
    pub(super) fn func_size(self) -> usize {
        match self {
            TableFormat::Go118 => 40,
            TableFormat::Go120 => 44,
        }
    }

    /// Offset of `_func.flag`.
    fn flag_offset(self) -> usize {
        self.func_size() - 3
    }
}

/// The little-endian u32 at `at`; callers have checked the length, 0 beyond it.
pub(super) fn le32(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..)
        .and_then(|b| b.first_chunk())
        .map_or(0, |b| u32::from_le_bytes(*b))
}
