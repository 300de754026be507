//! When a failed attempt is repeated, and when an event is given up.

use chrono::{DateTime, TimeDelta, Utc};
use host::Ids;

/// Pauses after the first, second, … failed attempt, in seconds; the last one
/// is repeated.
const PAUSES: [i64; 7] = [5, 30, 2 * 60, 10 * 60, 3600, 6 * 3600, 12 * 3600];

/// An event is given up so long after its first failed attempt.
const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(3);

/// A pause is made longer or shorter by up to a fifth, so that the receivers of
/// an outage do not all come back in the same second.
const JITTER_PERCENT: i64 = 20;

/// The next attempt after `attempts` failed ones, the first of them at `first`;
/// none if the event is to be given up. The last attempt falls on the end.
pub(super) fn next_attempt(
    attempts: u32,
    first: DateTime<Utc>,
    now: DateTime<Utc>,
    percent: i64,
) -> Option<DateTime<Utc>> {
    let end = first + GIVE_UP_AFTER;
    if now >= end {
        return None;
    }
    let place = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let pause = PAUSES[place.min(PAUSES.len() - 1)];
    Some((now + TimeDelta::milliseconds(pause * 10 * percent)).min(end))
}

/// A pause's share of its length, in percent: 80 to 120.
pub(super) fn jitter(ids: &dyn Ids) -> i64 {
    let mut bytes = [0; 8];
    // Without randomness, and without jitter, it is still right.
    if ids.fill(&mut bytes).is_err() {
        return 100;
    }
    let spread = u64::from_be_bytes(bytes) % (2 * JITTER_PERCENT as u64 + 1);
    100 - JITTER_PERCENT + i64::try_from(spread).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use chrono::{DateTime, TimeDelta, Utc};
    use host::SystemIds;

    use super::{jitter, next_attempt};

    fn start() -> DateTime<Utc> {
        "2026-05-04T08:00:00Z".parse().unwrap()
    }

    /// Every attempt's moment at a receiver that never answers.
    fn attempts(percent: i64) -> Vec<TimeDelta> {
        let mut now = start();
        let mut moments = vec![TimeDelta::zero()];
        for failed in 1.. {
            let Some(next) = next_attempt(failed, start(), now, percent) else {
                break;
            };
            now = next;
            moments.push(now - start());
        }
        moments
    }

    #[test]
    fn attempts_thin_out_and_the_last_is_after_three_days() {
        let moments = attempts(100);
        let seconds: Vec<i64> = moments[..5].iter().map(TimeDelta::num_seconds).collect();
        assert_eq!(seconds, [0, 5, 35, 155, 755]);
        assert_eq!(moments.last(), Some(&TimeDelta::days(3)));
        assert!(moments.len() < 20);
    }

    #[test]
    fn whatever_the_jitter_the_end_is_the_same() {
        for percent in [80, 120] {
            assert_eq!(attempts(percent).last(), Some(&TimeDelta::days(3)));
        }
        let ids = SystemIds::new();
        assert!((0..1000).all(|_| (80..=120).contains(&jitter(&ids))));
    }
}
