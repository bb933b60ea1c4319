//! Pauses between retries, and the decision to give up.

use std::time::Duration;

use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

/// First pause before a retry; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Number of attempts once time is running out.
const LAST_ATTEMPTS: u32 = 3;

/// Pauses between the attempts to send one request.
#[derive(Debug)]
pub(super) struct Backoff {
    pause: Duration,
    last_attempts: u32,
}

impl Backoff {
    /// Creates the pauses of a request. With `once`, it is not retried once time is running out.
    pub(super) const fn new(once: bool) -> Self {
        let last_attempts = if once { 1 } else { LAST_ATTEMPTS };
        Self { pause: FIRST_PAUSE, last_attempts }
    }

    /// Returns the pause before the next attempt: the one that the endpoint asked for, else the next with jitter.
    pub(super) fn next(&mut self, wish: Option<Duration>) -> Duration {
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST_PAUSE);
        wish.unwrap_or_else(|| jittered(pause))
    }

    /// Resets the pause to the first.
    pub(super) const fn start_over(&mut self) {
        self.pause = FIRST_PAUSE;
    }

    /// Returns the pause before another attempt within the time that is left; `None` to give up.
    pub(super) fn last(&mut self, wish: Option<Duration>, left: Duration) -> Option<Duration> {
        self.last_attempts = self.last_attempts.saturating_sub(1);
        let pause = self.next(wish);
        (self.last_attempts > 0 && pause < left).then_some(pause)
    }
}

/// Returns a random part of the pause, so that many programs do not retry at the same moment.
fn jittered(pause: Duration) -> Duration {
    let random = u32::from(RandomIdGenerator::default().new_span_id().to_bytes()[0]);
    pause * random / u32::from(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WISH: Option<Duration> = Some(Duration::from_secs(1));

    #[test]
    fn pauses_double_up_to_the_longest_and_are_random_below_that() {
        let mut backoff = Backoff::new(false);
        for most in [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000] {
            assert!(backoff.next(None) <= Duration::from_millis(most));
        }
        let random: Vec<_> = (0..64).map(|_| jittered(Duration::from_secs(255))).collect();
        assert!(random.iter().any(|pause| *pause != random[0]), "{random:?}");
        backoff.start_over();
        assert!(backoff.next(None) <= FIRST_PAUSE);
    }

    #[test]
    fn what_the_far_side_wishes_returns_value() {
        assert_eq!(Backoff::new(false).next(WISH), Duration::from_secs(1));
    }

    #[test]
    fn once_time_is_running_out_there_are_few_attempts_and_none_that_would_come_too_late() {
        let second = Duration::from_secs(1);
        let mut backoff = Backoff::new(false);
        let told = [(); 3].map(|()| backoff.last(WISH, second * 2));
        assert_eq!(told, [Some(second), Some(second), None]);
        assert_eq!(Backoff::new(false).last(WISH, second), None);
        assert_eq!(Backoff::new(true).last(WISH, second * 2), None);
    }
}
