//! How many connections are open, in all and from each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places of a listener.
#[derive(Clone, Debug)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    per_address: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection's place, free again when dropped.
#[derive(Debug)]
pub(super) struct Place {
    address: IpAddr,
    places: Places,
    _one_of_all: OwnedSemaphorePermit,
}

impl Places {
    pub(super) fn new(all: usize, per_address: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all.min(Semaphore::MAX_PERMITS))),
            per_address,
            taken: Arc::default(),
        }
    }

    /// Waits until there is room for one more. `None` never comes: the
    /// semaphore is not closed.
    pub(super) async fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// Seats a connection from `address`; `None` if that address has its share.
    pub(super) fn seat(&self, address: IpAddr, room: OwnedSemaphorePermit) -> Option<Place> {
        let mut taken = self.taken();
        let count = taken.entry(address).or_default();
        if *count >= self.per_address {
            return None;
        }
        *count += 1;
        Some(Place {
            address,
            places: self.clone(),
            _one_of_all: room,
        })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // Counts are changed in one step, so a poisoned lock guards whole ones.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(count) = taken.get_mut(&self.address) {
            *count -= 1;
            // Addresses that left are forgotten, else the map would only grow.
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use futures::FutureExt;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn seat(places: &Places, last: u8) -> Option<Place> {
        let room = places.room().now_or_never()??;
        places.seat(address(last), room)
    }

    #[tokio::test]
    async fn one_address_cannot_take_every_place() {
        let places = Places::new(10, 2);
        let held = [seat(&places, 1).unwrap(), seat(&places, 1).unwrap()];
        assert!(seat(&places, 1).is_none());
        assert!(seat(&places, 2).is_some());
        drop(held);
        assert!(seat(&places, 1).is_some());
        assert!(places.taken().is_empty());
    }

    #[tokio::test]
    async fn when_all_places_are_taken_the_next_connection_waits() {
        let places = Places::new(1, 5);
        let held = seat(&places, 1).unwrap();
        assert!(places.room().now_or_never().is_none());
        drop(held);
        assert!(places.room().now_or_never().is_some());
    }
}
