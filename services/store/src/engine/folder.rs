//! The store's folder: who may open it, and what may be found in it.
//!
//! ```text
//! lock          held while the store is open
//! data/format   the format's version; written last when a store is made
//! data/mark     the last commit that was synced
//! data/…        sled's own: db, conf, blobs/, snap.*
//! ```

use std::fs::{DirBuilder, File, Permissions, TryLockError};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::OpenError;

/// The format that this program writes.
pub(super) const FORMAT: u32 = 1;

/// The folder, locked for as long as this lives.
pub(super) struct Folder {
    pub(super) dir: PathBuf,
    pub(super) data: PathBuf,
    /// No store was finished here yet: what sled holds must be nothing.
    pub(super) new: bool,
    _lock: File,
}

impl Folder {
    /// Makes or enters the folder, locks it, and makes it fit for sled.
    pub(super) fn open(dir: &Path) -> Result<Folder, OpenError> {
        let io = |source| OpenError::Io {
            folder: dir.into(),
            source,
        };
        make_private(dir).map_err(io)?;
        let lock = File::create(dir.join("lock")).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(dir.into())),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }

        let data = dir.join("data");
        let format = read_optional(&data.join("format")).map_err(io)?;
        let has_db = std::fs::metadata(data.join("db")).is_ok_and(|db| db.len() > 0);
        let folder = Folder {
            dir: dir.into(),
            data,
            new: format.is_none(),
            _lock: lock,
        };
        match format {
            Some(text) => folder.check_format(&text)?,
            // The making of a store was cut off before anything was in it.
            None if !has_db => folder.clear().map_err(io)?,
            None => {}
        }
        if !folder.new && !has_db {
            return Err(folder.corrupt("the file `data/db` is missing or empty"));
        }
        folder.sweep().map_err(io)?;
        folder.wait_for_sled().map_err(io)?;
        Ok(folder)
    }

    /// The store is made, or was opened: all that names its files is synced,
    /// and the format is written if it was not.
    pub(super) fn finish(&self) -> Result<(), Error> {
        File::open(self.data.join("conf"))?.sync_all()?;
        if self.new {
            let unnamed = self.data.join("format.new");
            std::fs::write(&unnamed, format!("casenet store {FORMAT}\n"))?;
            File::open(&unnamed)?.sync_all()?;
            std::fs::rename(&unnamed, self.data.join("format"))?;
        }
        File::open(&self.data)?.sync_all()?;
        File::open(&self.dir)?.sync_all()?;
        if self.new { self.sync_parent() } else { Ok(()) }
    }

    /// The folder's own name must survive too.
    fn sync_parent(&self) -> Result<(), Error> {
        let dir = self.dir.canonicalize()?;
        let Some(parent) = dir.parent() else {
            return Ok(());
        };
        match File::open(parent) {
            Ok(parent) => parent.sync_all(),
            // Not ours to read: then whoever made our folder has synced it or not.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) fn corrupt(&self, why: impl Into<String>) -> OpenError {
        OpenError::Corrupt {
            folder: self.dir.clone(),
            why: why.into(),
        }
    }

    fn check_format(&self, text: &str) -> Result<(), OpenError> {
        let version = text
            .strip_prefix("casenet store ")
            .and_then(|rest| rest.trim().parse().ok());
        match version {
            Some(FORMAT) => Ok(()),
            Some(found) if found > FORMAT => Err(OpenError::Newer {
                folder: self.dir.clone(),
                found,
                known: FORMAT,
            }),
            _ => Err(self.corrupt("the file `data/format` is not a store's")),
        }
    }

    /// Removes what a cut-off making has left, and makes the data folder.
    fn clear(&self) -> Result<(), Error> {
        match std::fs::remove_dir_all(&self.data) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        make_private(&self.data)
    }

    /// Removes snapshots that a crash has left half-written: sled 0.34.7 takes
    /// them for finished and then finds the store corrupt. They are rebuilt.
    fn sweep(&self) -> Result<(), Error> {
        for entry in std::fs::read_dir(&self.data)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("snap.") && name.ends_with(".generating") {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// A store closed a moment ago in this process may still be held by sled's
    /// threads, for whom its `Drop` does not wait. We have the folder's lock,
    /// so nobody else is in: theirs will end.
    fn wait_for_sled(&self) -> Result<(), Error> {
        match File::open(self.data.join("db")) {
            Ok(db) => db.lock(),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Makes the folder readable by its owner alone.
fn make_private(dir: &Path) -> Result<(), Error> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    std::fs::set_permissions(dir, Permissions::from_mode(0o700))
}

fn read_optional(path: &Path) -> Result<Option<String>, Error> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
