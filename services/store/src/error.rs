//! What can go wrong, and what to do about it.

use std::path::PathBuf;

/// Why a reading or a change was refused. Nothing was written unless it says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A sync or a write failed (full disk, failing disk), or the store is
    /// closed. Writing stays refused until the program is restarted. The
    /// change was not acknowledged; repeat it with the same request id.
    #[error("the store takes no writes: {0}; free the disk or replace it, then restart")]
    Unavailable(String),
    /// What is stored under the key cannot be read.
    #[error("the record `{key}` is damaged; restore the store from a backup")]
    Corrupt {
        /// The key whose value is damaged.
        key: String,
    },
    /// The request id was used before, for another request. Choose a new one.
    #[error("the request id was already used for another request")]
    RequestIdReused,
    /// What the step read was changed by others at each attempt. Try again.
    #[error("others kept changing the same records; try again")]
    Conflict,
    /// A key or value over [`crate::KEY_BYTES_MAX`] or [`crate::VALUE_BYTES_MAX`].
    #[error("the record `{key}` has {bytes} bytes, which is over the limit")]
    TooLarge {
        /// The key, cut to its first 80 characters.
        key: String,
        /// Bytes of the value, or of the key if that is too long.
        bytes: usize,
    },
}

impl StoreError {
    /// The disk, the engine or the committer failed with `why`.
    pub(crate) fn unavailable(why: impl std::fmt::Display) -> StoreError {
        StoreError::Unavailable(why.to_string())
    }
}

/// Why a store could not be opened. Nothing in the folder was lost by trying.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another program, or this one, has the store open.
    #[error("the store {0} is already open; stop the other program first")]
    InUse(PathBuf),
    /// Written by a newer casenet.
    #[error(
        "the store {folder} has format {found}, this program knows up to {known}; \
         install the newer program"
    )]
    Newer {
        /// The store's folder.
        folder: PathBuf,
        /// The format found there.
        found: u32,
        /// The newest format that this program knows.
        known: u32,
    },
    /// The files are damaged or incomplete.
    #[error("the store {folder} is damaged ({why}); restore it from a backup")]
    Corrupt {
        /// The store's folder.
        folder: PathBuf,
        /// What was found.
        why: String,
    },
    /// The folder or a file in it cannot be made, read or written.
    #[error("cannot use the store {folder}: {source}; check the path, its owner and the disk")]
    Io {
        /// The store's folder.
        folder: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}
