//! The high-water mark: notices a database that has lost its end.
//!
//! sled takes a damaged record for the torn end of its log and drops it and
//! all behind it without a word. The mark keeps, in a file of its own, the last
//! commit that was synced; a database that knows fewer commits is damaged.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The file that keeps the mark. It is written after each sync and not synced
/// itself, so it may lag behind, which hides a loss but never invents one.
pub(super) struct Mark {
    file: File,
}

impl Mark {
    /// Opens the file, or makes it; answers what it says, if anything.
    pub(super) fn open(path: &Path) -> Result<(Mark, Option<u64>), Error> {
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let mut kept = [0; 16];
        let number = match file.read_exact_at(&mut kept, 0) {
            Ok(()) => parse(u128::from_be_bytes(kept)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => None,
            Err(error) => return Err(error),
        };
        Ok((Mark { file }, number))
    }

    /// Says that the commit `number` is on disk.
    pub(super) fn set(&self, number: u64) -> Result<(), Error> {
        // One write within one sector, so it is never half there.
        self.file.write_all_at(&print(number).to_be_bytes(), 0)
    }
}

/// The number and its complement, so that zeros and garbage are told apart.
fn print(number: u64) -> u128 {
    u128::from(number) << 64 | u128::from(!number)
}

fn parse(kept: u128) -> Option<u64> {
    let number = (kept >> 64) as u64;
    (print(number) == kept).then_some(number)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Mark;

    #[test]
    fn a_mark_is_found_again_and_garbage_is_no_mark() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mark");
        let (mark, none) = Mark::open(&path).unwrap();
        assert_eq!(none, None);
        mark.set(7).unwrap();
        assert_eq!(Mark::open(&path).unwrap().1, Some(7));
        std::fs::write(&path, [0; 16]).unwrap();
        assert_eq!(Mark::open(&path).unwrap().1, None);
    }
}
