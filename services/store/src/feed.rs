//! Each agency's feed: a gapless stream that it reads with a cursor.

use prost::Message;

use crate::draft::Draft;
use crate::error::StoreError;
use crate::intent::segment;
use crate::view::View;

/// The name of the agency's stream. No two agencies share one, whatever
/// their names contain.
pub fn stream(agency: &str) -> String {
    format!("feed/{}", segment(agency))
}

/// Appends an event to the agency's feed.
pub fn append<M: Message>(draft: &mut Draft, agency: &str, event: &M) {
    draft.append(&stream(agency), event);
}

/// The same for an event that contains its own number.
pub fn append_stamped<M: Message>(
    draft: &mut Draft,
    agency: &str,
    build: impl FnOnce(u64) -> M + Send + 'static,
) {
    draft.append_stamped(&stream(agency), build);
}

/// At most `limit` events after the cursor, which is the number of the last
/// event that the agency has (0 at first); each with its number.
pub fn read_from<M: Message + Default>(
    view: &View,
    agency: &str,
    cursor: u64,
    limit: usize,
) -> Result<Vec<(u64, M)>, StoreError> {
    view.read_stream(&stream(agency), cursor, limit)
}

/// The number of the feed's last event; 0 if there is none.
pub fn head(view: &View, agency: &str) -> Result<u64, StoreError> {
    view.head(&stream(agency))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{append, append_stamped, head, read_from};
    use crate::{Store, StoreError};

    #[tokio::test]
    async fn each_agency_reads_its_own_feed_from_its_cursor() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let appended = store.change_quietly("", |draft| {
            append(draft, "a", &7_u64);
            append(draft, "a/0", &8_u64);
            append_stamped(draft, "a", |number| number);
            Ok::<_, StoreError>(())
        });
        appended.await.unwrap();
        let view = store.read();
        assert_eq!(
            read_from::<u64>(&view, "a", 0, 9).unwrap(),
            [(1, 7), (2, 2)]
        );
        assert_eq!(read_from::<u64>(&view, "a", 1, 9).unwrap(), [(2, 2)]);
        assert_eq!(read_from::<u64>(&view, "a/0", 0, 9).unwrap(), [(1, 8)]);
        assert_eq!(
            (head(&view, "a").unwrap(), head(&view, "b").unwrap()),
            (2, 0)
        );
    }
}
