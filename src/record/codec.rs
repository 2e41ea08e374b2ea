//! Values as bytes. Numbers are LEB128, so that small ones are one byte; a string is written once
//! a block and named by its place after that.
//!
//! What is read may be damaged or hostile: every length is checked against what is left, nesting
//! has an end, and nothing panics.

use crate::value::Names;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Values may be nested so deep; what is decoded of calls is nowhere near.
const MAX_DEPTH: u32 = 64;
/// Bytes that distinct names (of arguments, fields, flags) may take: they are kept until the
/// process ends.
const MAX_BYTES: usize = 64 << 20;

/// Why bytes mean nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Damaged;

/// What the codec can write and read.
pub trait Codec: Sized {
    /// Appends it.
    fn put(&self, out: &mut Encoder);

    /// Reads it.
    ///
    /// # Errors
    /// The bytes mean nothing.
    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged>;
}

/// A place in a block that is being written: bytes, strings, tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark(usize, usize, usize);

/// The bytes of one block.
#[derive(Debug, Default)]
pub struct Encoder {
    bytes: Vec<u8>,
    texts: HashMap<Arc<str>, u64>,
    tables: HashMap<*const Names, u64>,
}

impl Encoder {
    /// How much it is by now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it is nothing yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The block, which ends with it.
    pub fn take(&mut self) -> Vec<u8> {
        self.texts.clear();
        self.tables.clear();
        std::mem::take(&mut self.bytes)
    }

    /// Where it is by now, to go back to.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.bytes.len(), self.texts.len(), self.tables.len())
    }

    /// Forgets what came after.
    pub(super) fn go_back(&mut self, Mark(bytes, texts, tables): Mark) {
        self.bytes.truncate(bytes);
        self.texts.retain(|_, place| *place <= texts as u64);
        self.tables.retain(|_, place| *place <= tables as u64);
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// 0 and the string, or its place among those before, from 1 on.
    pub(super) fn text(&mut self, text: &str) {
        if let Some(place) = self.texts.get(text) {
            return self.number(*place);
        }
        let place = self.texts.len() as u64 + 1;
        self.texts.insert(text.into(), place);
        self.number(0);
        self.raw(text.as_bytes());
    }

    /// The same for tables of names.
    fn table(&mut self, names: &'static Names) {
        let key = std::ptr::from_ref(names);
        if let Some(place) = self.tables.get(&key) {
            return self.number(*place);
        }
        let place = self.tables.len() as u64 + 1;
        self.tables.insert(key, place);
        self.number(0);
        self.text(names.prefix);
        self.number(names.entries.len() as u64);
        for (value, name) in names.entries {
            self.number(*value);
            self.text(name);
        }
    }
}

/// What outlives a block: the names that a recording is made of.
#[derive(Debug, Default)]
pub struct Interner {
    texts: HashMap<&'static str, ()>,
    tables: HashMap<u64, Vec<&'static Names>>,
    bytes: usize,
}

impl Interner {
    fn text(&mut self, text: &str) -> Result<&'static str, Damaged> {
        if let Some((known, ())) = self.texts.get_key_value(text) {
            return Ok(known);
        }
        self.bytes += text.len() + 64;
        if self.bytes > MAX_BYTES {
            return Err(Damaged);
        }
        let kept: &'static str = Box::leak(text.into());
        self.texts.insert(kept, ());
        Ok(kept)
    }

    fn table(
        &mut self,
        prefix: &'static str,
        entries: Vec<(u64, &'static str)>,
    ) -> Result<&'static Names, Damaged> {
        let mut hasher = std::hash::DefaultHasher::new();
        (prefix, &entries).hash(&mut hasher);
        let alike = self.tables.entry(hasher.finish()).or_default();
        let same = |known: &&&Names| known.prefix == prefix && known.entries == entries;
        if let Some(known) = alike.iter().find(same) {
            return Ok(known);
        }
        self.bytes += entries.len() * 32 + 64;
        if self.bytes > MAX_BYTES {
            return Err(Damaged);
        }
        let entries = entries.leak();
        let kept = Box::leak(Box::new(Names { prefix, entries }));
        alike.push(kept);
        Ok(kept)
    }
}

/// Reads one block.
#[derive(Debug)]
pub struct Decoder<'a> {
    bytes: &'a [u8],
    texts: Vec<Arc<str>>,
    tables: Vec<&'static Names>,
    interner: &'a mut Interner,
    depth: u32,
}

impl<'a> Decoder<'a> {
    /// Of these bytes.
    pub fn new(bytes: &'a [u8], interner: &'a mut Interner) -> Decoder<'a> {
        Decoder {
            bytes,
            texts: Vec::new(),
            tables: Vec::new(),
            interner,
            depth: 0,
        }
    }

    /// Whether all has been read.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Damaged> {
        let (first, rest) = self.bytes.split_first().ok_or(Damaged)?;
        self.bytes = rest;
        Ok(*first)
    }

    pub(super) fn raw(&mut self) -> Result<&'a [u8], Damaged> {
        let len = usize::try_from(self.number()?).map_err(|_| Damaged)?;
        let (taken, rest) = self.bytes.split_at_checked(len).ok_or(Damaged)?;
        self.bytes = rest;
        Ok(taken)
    }

    pub(super) fn number(&mut self) -> Result<u64, Damaged> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            number |= part << shift;
            if byte & 0x80 == 0 {
                // Of the tenth byte one bit is left.
                return (part << shift >> shift == part)
                    .then_some(number)
                    .ok_or(Damaged);
            }
        }
        Err(Damaged)
    }

    /// How many of something follow, each at least a byte.
    pub(super) fn count(&mut self) -> Result<usize, Damaged> {
        let count = usize::try_from(self.number()?).map_err(|_| Damaged)?;
        (count <= self.bytes.len()).then_some(count).ok_or(Damaged)
    }

    pub(super) fn text(&mut self) -> Result<Arc<str>, Damaged> {
        match self.number()? {
            0 => {
                let text: Arc<str> = std::str::from_utf8(self.raw()?)
                    .map_err(|_| Damaged)?
                    .into();
                self.texts.push(Arc::clone(&text));
                Ok(text)
            }
            place => {
                let place = usize::try_from(place - 1).map_err(|_| Damaged)?;
                self.texts.get(place).cloned().ok_or(Damaged)
            }
        }
    }

    fn table(&mut self) -> Result<&'static Names, Damaged> {
        let place = self.number()?;
        if place > 0 {
            let place = usize::try_from(place - 1).map_err(|_| Damaged)?;
            return self.tables.get(place).copied().ok_or(Damaged);
        }
        let prefix = <&'static str>::get(self)?;
        let count = self.count()?;
        let mut entries = Vec::new();
        for _ in 0..count {
            entries.push((self.number()?, <&'static str>::get(self)?));
        }
        let table = self.interner.table(prefix, entries)?;
        self.tables.push(table);
        Ok(table)
    }

    /// Reads something that may hold others of its kind.
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Damaged>,
    ) -> Result<T, Damaged> {
        if self.depth >= MAX_DEPTH {
            return Err(Damaged);
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }
}

impl Codec for &'static str {
    fn put(&self, out: &mut Encoder) {
        out.text(self);
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        let text = from.text()?;
        from.interner.text(&text)
    }
}

impl Codec for &'static Names {
    fn put(&self, out: &mut Encoder) {
        out.table(self);
    }

    fn get(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        from.table()
    }
}
