//! A service's store: opening, reading, closing.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{Mutex, watch};

use crate::change::Turns;
use crate::committer::Committer;
use crate::engine::{Engine, Sees, SledEngine};
use crate::error::OpenError;
use crate::view::View;

/// Default bound of the page cache, in bytes.
const CACHE_BYTES: u64 = 256 * 1024 * 1024;

/// A service's store. Cheap to clone; all clones are the same store.
#[derive(Clone)]
pub struct Store {
    pub(crate) rooms: Arc<Rooms>,
}

/// What the clones share. Dropped in this order: the committer ends its work
/// before the engine goes.
pub(crate) struct Rooms {
    pub(crate) committer: Committer,
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) turns: Turns,
    /// Changes that lost several times go one after another through here.
    pub(crate) narrow_door: Mutex<()>,
}

impl Store {
    /// Opens the store in the folder `dir`, or makes a new one there, readable
    /// by this user alone.
    ///
    /// Refuses a store that is open already, that a newer program has written,
    /// or that is damaged.
    pub fn open(dir: &Path) -> Result<Store, OpenError> {
        Store::open_with_cache(dir, CACHE_BYTES)
    }

    /// The same with a page cache of at most `cache_bytes`.
    pub fn open_with_cache(dir: &Path, cache_bytes: u64) -> Result<Store, OpenError> {
        let engine = SledEngine::open(dir, cache_bytes)?;
        Store::over(Arc::new(engine)).map_err(|source| OpenError::Io {
            folder: dir.into(),
            source,
        })
    }

    /// A store over an engine that is open.
    pub(crate) fn over(engine: Arc<dyn Engine>) -> Result<Store, std::io::Error> {
        let committer = Committer::start(Arc::clone(&engine))?;
        let turns = Turns::default();
        let narrow_door = Mutex::new(());
        Ok(Store {
            rooms: Arc::new(Rooms {
                committer,
                engine,
                turns,
                narrow_door,
            }),
        })
    }

    /// The durable state of this moment, for reading. After
    /// [`Store::change`] has answered, it contains that change.
    pub fn read(&self) -> View {
        View::reading(self.rooms.engine.snapshot(Sees::Durable))
    }

    /// The number of the last durable commit, and each next one: awaited by
    /// feeds and the outbox. It ends when the store closes or stops writing.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.rooms.committer.subscribe()
    }

    /// Ends writing: what was begun is finished and made durable, later
    /// changes are `Unavailable`. The folder can be opened again when the last
    /// clone and the last view are gone.
    pub async fn close(&self) {
        self.rooms.committer.close().await;
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}
