//! Files of outputs: written whole or not at all, and none replaced that is somebody else's.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes gathered before a write.
const BUFFER: usize = 64 * 1024;
/// Bytes by which a file is recognised.
const HEAD: u64 = 4096;

/// Files that have not got their names yet.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
/// Tells the temporary names of one process apart.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// Why a file could not be made.
#[derive(Debug)]
pub enum FileError {
    /// There is one with something in it that is not of this kind.
    Foreign,
    /// The system says so.
    Io(io::Error),
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> FileError {
        FileError::Io(error)
    }
}

/// A file that will get its name when it is complete; dropped before, it vanishes.
#[derive(Debug)]
pub struct Pending {
    file: File,
    temporary: PathBuf,
    path: PathBuf,
}

/// Makes a file that is to be written whole or not at all: it has a temporary name beside the
/// real one until [`Pending::commit`]. There is nothing pending of what is no regular file
/// (`/dev/stdout`, a named pipe), which is written to as it is.
///
/// `is_ours` says of a file's first bytes whether gostrace wrote it, as an output of this kind: it
/// may be replaced. Another that is not empty may be only by `force`.
///
/// # Errors
/// As the variants say.
pub fn create(
    path: &Path,
    is_ours: fn(&[u8]) -> bool,
    force: bool,
) -> Result<(Box<dyn Write>, Option<Pending>), FileError> {
    let buffered = |file| Box::new(BufWriter::with_capacity(BUFFER, file));
    let found = look(path, is_ours, force)?;
    if let Some(found) = &found
        && !found.is_file()
    {
        return Ok((buffered(OpenOptions::new().write(true).open(path)?), None));
    }
    // Where the name is a link, what it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let temporary = beside(&path);
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&temporary)?;
    unfinished().push(temporary.clone());
    let pending = Pending {
        file: file.try_clone()?,
        temporary,
        path,
    };
    if let Some(found) = found {
        pending.file.set_permissions(found.permissions())?;
    }
    Ok((buffered(file), Some(pending)))
}

/// Opens a file that is of use while it grows; what was in it is gone.
///
/// # Errors
/// As [`create`].
pub fn stream(path: &Path, is_ours: fn(&[u8]) -> bool, force: bool) -> Result<File, FileError> {
    look(path, is_ours, force)?;
    let mut options = OpenOptions::new();
    Ok(options.write(true).create(true).truncate(true).open(path)?)
}

/// What is there; an error if it must not be replaced.
fn look(
    path: &Path,
    is_ours: fn(&[u8]) -> bool,
    force: bool,
) -> Result<Option<fs::Metadata>, FileError> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if found.is_dir() {
        return Err(io::Error::from_raw_os_error(libc::EISDIR).into());
    }
    if found.is_file() && found.len() > 0 && !force {
        let mut head = Vec::new();
        let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
        if read.is_err() || !is_ours(&head) {
            return Err(FileError::Foreign);
        }
    }
    Ok(Some(found))
}

/// `.NAME.gostrace-PID-N` in the same directory.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    name.push(format!(".gostrace-{}-{number}", std::process::id()));
    path.with_file_name(name)
}

impl Pending {
    /// Gives the file its name, once it is on the disk. What wrote to it must have flushed.
    ///
    /// # Errors
    /// What fsync(2) and rename(2) say; then there is no file.
    pub fn commit(self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.temporary, &self.path)?;
        // Without it the name may be lost with the machine's power; not every file system can.
        let parent = self.path.parent().filter(|dir| !dir.as_os_str().is_empty());
        if let Ok(dir) = File::open(parent.unwrap_or(Path::new("."))) {
            let _ = dir.sync_all();
        }
        Ok(())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        unfinished().retain(|path| *path != self.temporary);
        // After a commit it is gone already.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Removes what is not complete, as the process is about to end without more ado.
pub fn abandon() {
    for path in unfinished().drain(..) {
        let _ = fs::remove_file(path);
    }
}

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    struct Dir(PathBuf);

    impl Dir {
        fn new(name: &str) -> Dir {
            let name = format!("gostrace-file-{name}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::create_dir_all(&path).unwrap();
            Dir(path)
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(&self.0).unwrap();
            let mut names: Vec<_> = entries
                .map(|e| e.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn ours(head: &[u8]) -> bool {
        head.starts_with(b"ours")
    }

    #[test]
    fn a_file_has_its_old_contents_until_the_new_ones_are_complete() {
        let dir = Dir::new("whole");
        let path = dir.0.join("out");
        fs::write(&path, "ours, old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let (mut out, pending) = create(&path, ours, false).unwrap();
        out.write_all(b"ours, new").unwrap();
        out.flush().unwrap();
        drop(out);
        assert_eq!(fs::read(&path).unwrap(), b"ours, old");
        pending.unwrap().commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"ours, new");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert_eq!(dir.names(), ["out"]);
    }

    #[test]
    fn a_file_that_is_given_up_leaves_nothing_behind() {
        let dir = Dir::new("dropped");
        let made = create(&dir.0.join("out"), ours, false).unwrap();
        assert_eq!(dir.names().len(), 1);
        drop(made);
        assert!(dir.names().is_empty());
    }

    #[test]
    fn somebody_elses_file_is_replaced_by_force_alone() {
        let dir = Dir::new("foreign");
        let path = dir.0.join("thesis.txt");
        fs::write(&path, "theirs").unwrap();
        assert!(matches!(
            create(&path, ours, false),
            Err(FileError::Foreign)
        ));
        assert!(matches!(
            stream(&path, ours, false),
            Err(FileError::Foreign)
        ));
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert!(create(&path, ours, true).is_ok());
        stream(&path, ours, true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"");
        // An empty file is nobody's loss.
        assert!(create(&path, ours, false).is_ok());
    }

    #[test]
    fn a_link_stays_one_and_what_is_no_file_is_written_to_as_it_is() {
        let dir = Dir::new("link");
        let (real, link) = (dir.0.join("real"), dir.0.join("link"));
        fs::write(&real, "").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let (_, pending) = create(&link, ours, false).unwrap();
        pending.unwrap().commit().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let (_, pending) = create(Path::new("/dev/null"), ours, false).unwrap();
        assert!(pending.is_none());
    }

    #[test]
    fn a_directory_or_one_that_is_not_there_is_refused() {
        let dir = Dir::new("bad");
        assert!(matches!(create(&dir.0, ours, true), Err(FileError::Io(_))));
        let lost = dir.0.join("none/out");
        assert!(matches!(create(&lost, ours, true), Err(FileError::Io(_))));
    }
}
