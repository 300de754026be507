//! What must reach the disk before anything is acknowledged.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Forces to the disk what was handed to the operating system; a test's may fail.
pub(crate) trait Fsync: Send + Sync {
    fn fsync(&self) -> Result<(), Error>;
}

/// The files that sled writes.
///
/// sled 0.34.7 ends a `flush` with `sync_file_range` (`pagecache/iobuf.rs`),
/// which flushes neither the disk's cache nor the file's length, and it never
/// syncs blobs, the files for pages over a quarter of a segment
/// (`pagecache/blob_io.rs`). With our segments hardly any page grows so large,
/// but merged pages have no bound, so blobs are looked for at each sync.
pub(super) struct SledFiles {
    db: File,
    blobs: PathBuf,
    synced: Mutex<BTreeSet<OsString>>,
}

impl SledFiles {
    /// For the folder that sled has opened. All that is there is synced now.
    pub(super) fn open(data: &Path) -> Result<SledFiles, Error> {
        let db = File::open(data.join("db"))?;
        let blobs = data.join("blobs");
        let files = SledFiles {
            db,
            blobs,
            synced: Mutex::default(),
        };
        files.fsync()?;
        Ok(files)
    }

    /// Blobs first: a log record must not reach the disk before its blob.
    fn sync_blobs(&self) -> Result<(), Error> {
        let mut present = BTreeSet::new();
        for entry in std::fs::read_dir(&self.blobs)? {
            present.insert(entry?.file_name());
        }
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new = present.difference(&synced).peekable();
        let any_new = new.peek().is_some();
        for name in new {
            match File::open(self.blobs.join(name)) {
                Ok(blob) => blob.sync_all()?,
                // sled has removed it: its page was written anew.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        if any_new {
            File::open(&self.blobs)?.sync_all()?;
        }
        *synced = present;
        Ok(())
    }
}

impl Fsync for SledFiles {
    fn fsync(&self) -> Result<(), Error> {
        self.sync_blobs()?;
        self.db.sync_data()
    }
}
