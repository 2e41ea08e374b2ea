//! Blocks in a file.

use super::codec::{Codec, Damaged, Decoder, Interner};
use super::{Item, VERSION};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read, Write};

const MAGIC: &[u8] = b"gostrace recording ";
/// A block may hold so much; an item that is larger is not kept.
pub(super) const MAX_BLOCK: usize = 16 << 20;

/// Whether a file's first bytes are a recording's.
#[must_use]
pub fn is_recording(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

/// The first line.
pub(super) fn first_line() -> Vec<u8> {
    let mut line = MAGIC.to_vec();
    line.extend_from_slice(format!("{VERSION}\n").as_bytes());
    line
}

/// The bytes of a block.
pub(super) fn block(contents: &[u8]) -> io::Result<Vec<u8>> {
    // Of the levels of DEFLATE the cheapest: events wait for it.
    let mut packer = DeflateEncoder::new(vec![0; 12], Compression::fast());
    packer.write_all(contents)?;
    let mut block = packer.finish()?;
    let packed = block.get(12..).unwrap_or_default();
    let words = [
        length(contents.len()),
        length(packed.len()),
        checksum(packed),
    ];
    for (place, word) in block.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    Ok(block)
}

fn length(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Why a recording cannot be read, or not to its end.
#[derive(Debug)]
pub enum ReadError {
    /// It is something else.
    NoRecording,
    /// It is of this version, which is not ours.
    Version(String),
    /// It ends in the middle of a block, or without its last item.
    Cut,
    /// A block is not as it was written.
    Damaged,
    /// The system says so.
    Io(io::Error),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::NoRecording => write!(f, "not a recording of gostrace's (--record)"),
            ReadError::Version(theirs) => write!(
                f,
                "a recording of version {theirs}, this gostrace reads version {VERSION}; use the \
                 gostrace that made it"
            ),
            ReadError::Cut => write!(
                f,
                "the recording breaks off here: gostrace was killed, or the disk was full"
            ),
            ReadError::Damaged => write!(f, "the recording is damaged from here on"),
            ReadError::Io(error) => write!(f, "{error}"),
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> ReadError {
        ReadError::Io(error)
    }
}

impl From<Damaged> for ReadError {
    fn from(_: Damaged) -> ReadError {
        ReadError::Damaged
    }
}

/// Reads a recording, item by item.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    interner: Interner,
    /// Of the block that was read last.
    items: VecDeque<Item>,
    /// The last item has been read.
    ended: bool,
}

impl<R: Read> Reader<R> {
    /// A recording from its first byte on.
    ///
    /// # Errors
    /// It is none, or of a version that we do not know.
    pub fn new(mut input: R) -> Result<Reader<R>, ReadError> {
        let mut line = Vec::new();
        // A version is not as long as that.
        let mut byte = [0];
        while line.len() < MAGIC.len() + 16 && input.read(&mut byte)? == 1 && byte != *b"\n" {
            line.extend(byte);
        }
        match line.strip_prefix(MAGIC) {
            None => Err(ReadError::NoRecording),
            Some(version) if version == VERSION.to_string().as_bytes() => Ok(Reader {
                input,
                interner: Interner::default(),
                items: VecDeque::new(),
                ended: false,
            }),
            Some(version) => Err(ReadError::Version(
                String::from_utf8_lossy(version).escape_debug().to_string(),
            )),
        }
    }

    /// The next item; `None` behind the last.
    ///
    /// # Errors
    /// The rest cannot be read.
    pub fn next_item(&mut self) -> Result<Option<Item>, ReadError> {
        while self.items.is_empty() {
            if !self.read_block()? {
                return if self.ended {
                    Ok(None)
                } else {
                    Err(ReadError::Cut)
                };
            }
        }
        let item = self.items.pop_front();
        self.ended |= matches!(item, Some(Item::End(_)));
        Ok(item)
    }

    /// Whether there was a block.
    fn read_block(&mut self) -> Result<bool, ReadError> {
        let mut head = Vec::new();
        self.input.by_ref().take(12).read_to_end(&mut head)?;
        if head.is_empty() {
            return Ok(false);
        }
        let word = |at: usize| {
            let word = head.get(at..).and_then(<[u8]>::first_chunk);
            word.copied().map(u32::from_le_bytes).ok_or(ReadError::Cut)
        };
        let (len, packed_len, sum) = (word(0)? as usize, word(4)? as usize, word(8)?);
        // DEFLATE makes nothing longer by more than a little.
        if len > MAX_BLOCK || packed_len > MAX_BLOCK + MAX_BLOCK / 64 {
            return Err(ReadError::Damaged);
        }
        // Grows as there is something to read: the lengths may lie.
        let mut packed = Vec::new();
        let read = self.input.by_ref().take(packed_len as u64);
        if { read }.read_to_end(&mut packed)? < packed_len {
            return Err(ReadError::Cut);
        }
        if checksum(&packed) != sum {
            return Err(ReadError::Damaged);
        }
        let mut contents = Vec::new();
        let unpacked = DeflateDecoder::new(packed.as_slice())
            .take(len as u64 + 1)
            .read_to_end(&mut contents);
        if unpacked.is_err() || contents.len() != len {
            return Err(ReadError::Damaged);
        }
        let mut from = Decoder::new(&contents, &mut self.interner);
        while !from.is_at_end() {
            self.items.push_back(Item::get(&mut from)?);
        }
        Ok(true)
    }
}
