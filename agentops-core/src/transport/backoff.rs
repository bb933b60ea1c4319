//! Pauses between retries, and the decision to give up.

use std::time::Duration;

use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

/// First pause before a retry; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Number of attempts at a request once time is running out.
#[derive(Clone, Copy, Debug)]
pub(super) enum LastAttempts {
    One = 1,
    Few = 3,
}

/// Pauses between the attempts to send one request.
#[derive(Debug)]
pub(super) struct Backoff {
    pause: Duration,
    last_attempts: u32,
    /// Source of the jitter.
    random: fn() -> u8,
}

impl Backoff {
    /// Creates the pauses of a request, which is attempted this often once time is running out.
    pub(super) const fn new(last_attempts: LastAttempts) -> Self {
        let last_attempts = last_attempts as u32;
        Self { pause: FIRST_PAUSE, last_attempts, random: random_byte }
    }

    /// Returns the pause before the next attempt: the one that the endpoint asked for, else the next with jitter.
    pub(super) fn next(&mut self, requested: Option<Duration>) -> Duration {
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST_PAUSE);
        requested.unwrap_or_else(|| jittered(pause, (self.random)()))
    }

    /// Resets the pause to the first.
    pub(super) const fn start_over(&mut self) {
        self.pause = FIRST_PAUSE;
    }

    /// Returns the pause before another attempt within the time that is left; `None` to give up.
    pub(super) fn last(&mut self, requested: Option<Duration>, left: Duration) -> Option<Duration> {
        self.last_attempts = self.last_attempts.saturating_sub(1);
        let pause = self.next(requested);
        (self.last_attempts > 0 && pause < left).then_some(pause)
    }
}

/// Returns the part of a pause that a random number selects, so that many programs do not retry at the same moment.
fn jittered(pause: Duration, random: u8) -> Duration {
    pause * u32::from(random) / u32::from(u8::MAX)
}

/// Returns a byte of a random span id: the SDK's generator is there already.
fn random_byte() -> u8 {
    RandomIdGenerator::default().new_span_id().to_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    const WISH: Option<Duration> = Some(Duration::from_secs(1));

    fn backoff(random: fn() -> u8) -> Backoff {
        Backoff { random, ..Backoff::new(LastAttempts::Few) }
    }

    #[test]
    fn backoff_doubles_up_to_30_seconds() {
        let mut backoff = backoff(|| u8::MAX);
        let pauses = [(); 10].map(|()| backoff.next(None).as_millis());
        let doubled = [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000];
        assert_eq!(pauses, doubled);
        backoff.start_over();
        assert_eq!(backoff.next(None), FIRST_PAUSE);
    }

    #[test]
    fn jitter_is_the_random_part_of_the_pause() {
        let pauses = [backoff(|| 0), backoff(|| 51), backoff(|| u8::MAX)];
        assert_eq!(pauses.map(|mut it| it.next(None).as_millis()), [0, 40, 200]);
    }

    #[test]
    fn random_bytes_differ() {
        let random: Vec<_> = (0..64).map(|_| random_byte()).collect();
        assert!(random.iter().any(|byte| *byte != random[0]), "{random:?}");
    }

    #[test]
    fn wish_of_the_endpoint_replaces_the_pause() {
        assert_eq!(Backoff::new(LastAttempts::Few).next(WISH), Duration::from_secs(1));
    }

    #[test]
    fn last_attempts_are_few_and_in_time() {
        let second = Duration::from_secs(1);
        let mut backoff = Backoff::new(LastAttempts::Few);
        let told = [(); 3].map(|()| backoff.last(WISH, second * 2));
        assert_eq!(told, [Some(second), Some(second), None]);
        assert_eq!(Backoff::new(LastAttempts::Few).last(WISH, second), None);
        assert_eq!(Backoff::new(LastAttempts::One).last(WISH, second * 2), None);
    }
}
