//! Time, handed in: nothing in the network asks the operating system what time
//! it is but [`SystemClock`], so every deadline can be tested to the second.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::watch;

/// Longest single sleep of the system clock. The wall clock may be set while
/// we sleep, so a far deadline is looked at again each minute.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// China Standard Time is UTC+8 all year, in all provinces (no daylight saving
/// since 1992).
const SHANGHAI_HOURS: i64 = 8;

/// The time of day, as every service sees it.
pub trait Clock: Send + Sync + 'static {
    /// The present instant in UTC.
    fn now(&self) -> DateTime<Utc>;

    /// Resolves once [`Clock::now`] has reached `at`; at once if it has already.
    fn sleep_until(&self, at: DateTime<Utc>) -> BoxFuture<'static, ()>;
}

/// A clock that many tasks share.
pub type SharedClock = Arc<dyn Clock>;

/// The operating system's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that asks the system"
)]
impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn sleep_until(&self, at: DateTime<Utc>) -> BoxFuture<'static, ()> {
        async move {
            // to_std() fails for a past instant, which is when we are done.
            while let Ok(left) = (at - Utc::now()).to_std() {
                if left.is_zero() {
                    break;
                }
                tokio::time::sleep(left.min(LOOK_AGAIN)).await;
            }
        }
        .boxed()
    }
}

/// A clock that stands still until it is set or advanced. Clones show the same time.
#[derive(Clone, Debug)]
pub struct SetClock {
    now: watch::Sender<DateTime<Utc>>,
}

impl SetClock {
    /// A clock standing at `now`.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self {
            now: watch::Sender::new(now),
        }
    }

    /// Sets the time, forwards or (as a faulty time server would) backwards.
    pub fn set(&self, now: DateTime<Utc>) {
        self.now.send_replace(now);
    }

    /// Moves the time by `step`; sleepers whose instant is reached wake.
    pub fn advance(&self, step: TimeDelta) {
        self.now.send_modify(|now| *now += step);
    }
}

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.borrow()
    }

    fn sleep_until(&self, at: DateTime<Utc>) -> BoxFuture<'static, ()> {
        let mut now = self.now.subscribe();
        async move {
            if now.wait_for(|now| *now >= at).await.is_err() {
                // Every hand on the clock is gone: this instant never comes.
                futures::future::pending::<()>().await;
            }
        }
        .boxed()
    }
}

/// The protobuf form of an instant.
pub fn to_timestamp(at: DateTime<Utc>) -> prost_types::Timestamp {
    // A leap second is written by chrono as nanos ≥ 10^9; protobuf has none.
    let nanos = at.timestamp_subsec_nanos().min(999_999_999);
    prost_types::Timestamp {
        seconds: at.timestamp(),
        nanos: i32::try_from(nanos).unwrap_or(0),
    }
}

/// Reads a protobuf instant. `None` outside the years 1 to 9999 or with nanos
/// outside 0 to 999,999,999 (google/protobuf/timestamp.proto).
pub fn from_timestamp(timestamp: &prost_types::Timestamp) -> Option<DateTime<Utc>> {
    const YEAR_1: i64 = -62_135_596_800;
    const YEAR_9999_END: i64 = 253_402_300_799;
    if !(YEAR_1..=YEAR_9999_END).contains(&timestamp.seconds) {
        return None;
    }
    let nanos = u32::try_from(timestamp.nanos).ok()?;
    if nanos > 999_999_999 {
        return None;
    }
    DateTime::from_timestamp(timestamp.seconds, nanos)
}

/// The calendar date in Asia/Shanghai at an instant: the day that statutes count.
pub fn shanghai_date(at: DateTime<Utc>) -> NaiveDate {
    (at + TimeDelta::hours(SHANGHAI_HOURS)).date_naive()
}

/// The instant at which a day begins in Asia/Shanghai.
pub fn shanghai_day_start(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(SHANGHAI_HOURS)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_set_time_passes_its_instant_and_not_before() {
        let clock = SetClock::at(instant("2026-03-01T00:00:00Z"));
        let mut asleep = clock.sleep_until(instant("2026-03-01T00:01:00Z"));
        clock.advance(TimeDelta::seconds(59));
        assert!((&mut asleep).now_or_never().is_none());
        clock.advance(TimeDelta::seconds(1));
        assert!((&mut asleep).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_past_instant_is_not_waited_for() {
        let past = instant("2020-01-01T00:00:00Z");
        assert!(SystemClock.sleep_until(past).now_or_never().is_some());
        let clock = SetClock::at(instant("2026-03-01T00:00:00Z"));
        assert!(clock.sleep_until(past).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_clock_that_is_gone_wakes_nobody() {
        let clock = SetClock::at(instant("2026-03-01T00:00:00Z"));
        let asleep = clock.sleep_until(instant("2026-03-02T00:00:00Z"));
        drop(clock);
        assert!(asleep.now_or_never().is_none());
    }

    #[test]
    fn clones_show_the_same_time() {
        let clock = SetClock::at(instant("2026-03-01T00:00:00Z"));
        clock.clone().set(instant("2026-04-01T00:00:00Z"));
        assert_eq!(clock.now(), instant("2026-04-01T00:00:00Z"));
    }

    #[test]
    fn a_timestamp_survives_the_wire_and_a_wrong_one_is_not_guessed() {
        let at = instant("2026-03-01T12:34:56.789Z");
        assert_eq!(from_timestamp(&to_timestamp(at)), Some(at));
        for (seconds, nanos) in [(0, -1), (0, 1_000_000_000), (i64::MAX, 0), (i64::MIN, 0)] {
            let timestamp = prost_types::Timestamp { seconds, nanos };
            assert_eq!(from_timestamp(&timestamp), None, "{seconds} {nanos}");
        }
    }

    #[test]
    fn the_day_changes_at_shanghai_midnight() {
        let before = instant("2026-02-28T15:59:59Z");
        let after = instant("2026-02-28T16:00:00Z");
        assert_eq!(shanghai_date(before).to_string(), "2026-02-28");
        assert_eq!(shanghai_date(after).to_string(), "2026-03-01");
        assert_eq!(shanghai_day_start(shanghai_date(after)), after);
    }
}
