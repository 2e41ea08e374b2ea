//! Functions by name: one pass over the table for all the names wanted.

use super::module::Module;
use super::module_layout::Slice;
use super::pclntab::{TableError, le32};
use crate::ids::Addr;
use crate::memory::Memory;

/// Bytes of a table that are read at most: those of a 500 MB executable are smaller.
const MAX_BYTES: u64 = 256 << 20;

/// Address and length in bytes of a function's code.
pub type Extent = (Addr, u64);

impl Module {
    /// Where each of `names` lies, in their order; `None` for those that are not in it.
    /// Reads the tables in bulk: some 40 MB for an executable of 150 MB.
    ///
    /// # Errors
    /// When a table cannot be read, or is too large to be believed.
    pub fn functions_named(
        &self,
        memory: &(impl Memory + ?Sized),
        names: &[&str],
    ) -> Result<Vec<Option<Extent>>, TableError> {
        let texts = bulk(memory, self.funcnametab, 1)?;
        // Records follow ftab in one table, ordered as their functions are.
        let table = bulk(memory, self.pclntable, 1)?;
        let count = usize::try_from(self.ftab.len)
            .unwrap_or(0)
            .saturating_sub(1);
        let mut found = vec![None; names.len()];
        let mut missing = names.len();
        for i in 0..count {
            if missing == 0 {
                break;
            }
            let (entry, record) = (le32(&table, i * 8), le32(&table, i * 8 + 4) as usize);
            let name = le32(&table, record.saturating_add(4)) as usize;
            let Some(name) = texts.get(name..) else {
                continue;
            };
            let hit = names
                .iter()
                .position(|n| name.get(n.len()) == Some(&0) && name.starts_with(n.as_bytes()));
            if let Some(slot) = hit.filter(|slot| found[*slot].is_none()) {
                let next = le32(&table, (i + 1) * 8);
                let len = u64::from(next.saturating_sub(entry));
                found[slot] = Some((self.text_addr(entry), len));
                missing -= 1;
            }
        }
        Ok(found)
    }
}

fn bulk(memory: &(impl Memory + ?Sized), table: Slice, size: u64) -> Result<Vec<u8>, TableError> {
    let len = table.len.saturating_mul(size);
    if len > MAX_BYTES {
        return Err(TableError::Corrupt("a table is too large"));
    }
    // In steps, so that a length that is a lie costs no more memory than what is there.
    const STEP: u64 = 1 << 20;
    let mut out = Vec::new();
    while (out.len() as u64) < len {
        let have = out.len();
        let want = (len - have as u64).min(STEP) as usize;
        out.resize(have + want, 0);
        memory.read(table.addr.add(have as u64), &mut out[have..])?;
    }
    Ok(out)
}
