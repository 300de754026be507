//! Going down in order: one handle says "no new work", everybody who serves
//! listens to it.

use std::future::Future;

use tokio::sync::watch;

/// A shutdown handle. Clones share the signal; once begun it stays begun.
#[derive(Clone, Debug)]
pub struct Drain {
    begun: watch::Sender<bool>,
}

impl Drain {
    /// A handle that has not begun.
    pub fn new() -> Self {
        Self {
            begun: watch::Sender::new(false),
        }
    }

    /// Begins the drain. Calling it again changes nothing.
    pub fn begin(&self) {
        self.begun.send_replace(true);
    }

    /// Whether the drain has begun.
    pub fn has_begun(&self) -> bool {
        *self.begun.borrow()
    }

    /// Resolves when the drain begins, at once if it has; never if every handle
    /// is dropped before.
    pub fn signalled(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut begun = self.begun.subscribe();
        async move {
            if begun.wait_for(|begun| *begun).await.is_err() {
                futures::future::pending::<()>().await;
            }
        }
    }
}

impl Default for Drain {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn every_clone_hears_the_drain_and_late_listeners_too() {
        let drain = Drain::new();
        let early = Box::pin(drain.clone().signalled());
        let mut early = early;
        assert!((&mut early).now_or_never().is_none());
        drain.clone().begin();
        assert!(early.now_or_never().is_some());
        assert!(drain.signalled().now_or_never().is_some());
        assert!(drain.has_begun());
    }
}
