//! An executable file as the memory that it becomes: segments at their load addresses, read
//! with pread. Outlives the process and costs it nothing.

use crate::ids::Addr;
use crate::memory::{Memory, MemoryError, MemoryErrorKind};
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// A part of a file that is mapped at an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileSegment {
    /// Where its first byte is in the address space.
    pub addr: Addr,
    /// Its length in the file.
    pub len: u64,
    /// Where it begins in the file.
    pub offset: u64,
}

/// A file open for positional reads.
#[derive(Debug)]
pub struct ImageFile {
    file: File,
    segments: Vec<FileSegment>,
}

impl ImageFile {
    /// Opens a regular file in which nothing is mapped yet.
    ///
    /// # Errors
    /// As open(2), and when it is anything else: a path may lead to a FIFO.
    pub fn open(path: &Path) -> io::Result<ImageFile> {
        let mut options = File::options();
        let file = options
            .read(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(ImageFile {
            file,
            segments: Vec::new(),
        })
    }

    /// Maps these parts. Only read-only ones tell the truth about a live process.
    pub fn map(&mut self, segments: Vec<FileSegment>) {
        self.segments = segments;
    }

    /// With all of it mapped at its offsets.
    ///
    /// # Errors
    /// As fstat(2).
    pub fn by_offset(mut self) -> io::Result<ImageFile> {
        self.segments = vec![FileSegment {
            addr: Addr(0),
            len: self.file_len()?,
            offset: 0,
        }];
        Ok(self)
    }

    /// The same file once more, with nothing mapped.
    ///
    /// # Errors
    /// As dup(2).
    pub fn again(&self) -> io::Result<ImageFile> {
        Ok(ImageFile {
            file: self.file.try_clone()?,
            segments: Vec::new(),
        })
    }

    /// The CRC-32 of the whole file.
    ///
    /// # Errors
    /// As pread(2).
    pub fn crc(&self) -> io::Result<u32> {
        let mut crc = flate2::Crc::new();
        let mut buf = vec![0; 1 << 20];
        let mut offset = 0;
        loop {
            let n = self.read_at(offset, &mut buf)?;
            if n == 0 {
                return Ok(crc.sum());
            }
            crc.update(&buf[..n]);
            offset += n as u64;
        }
    }

    /// Reads up to `buf.len()` bytes at `offset` of the file; fewer only at its end.
    ///
    /// # Errors
    /// As pread(2).
    pub fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < buf.len() {
            match self.file.read_at(&mut buf[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(done)
    }

    /// The file's inode number.
    ///
    /// # Errors
    /// As fstat(2).
    pub fn inode(&self) -> io::Result<u64> {
        use std::os::unix::fs::MetadataExt;
        Ok(self.file.metadata()?.ino())
    }

    /// The file's length in bytes.
    ///
    /// # Errors
    /// As fstat(2).
    pub fn file_len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }
}

impl Memory for ImageFile {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        let unmapped = MemoryError {
            addr,
            len: buf.len(),
            kind: MemoryErrorKind::Unmapped,
        };
        let segment = self
            .segments
            .iter()
            .find(|s| addr >= s.addr && addr.0 - s.addr.0 < s.len)
            .ok_or(unmapped)?;
        let into = addr.0 - segment.addr.0;
        let n = buf.len().min((segment.len - into) as usize);
        match self.read_at(segment.offset + into, &mut buf[..n]) {
            Ok(n) if n > 0 => Ok(n),
            _ => Err(unmapped),
        }
    }
}
