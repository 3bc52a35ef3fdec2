//! The time that something takes, without the time that others have the processor for.
//!
//! A run that is longer than a slice of the system's scheduler is interrupted on a busy machine,
//! again and again, while a short one now and then is not: then whatever is large would seem slow.
//! Linux notes how long an OS thread was ready and had to wait.

use std::fs;
use std::time::{Duration, Instant};

/// A note that took longer to read was interrupted itself.
const QUICK: Duration = Duration::from_micros(60);
/// What takes less is left as it is: it is seldom interrupted, is run many times, and the error of
/// two notes would show.
const SHORT: Duration = Duration::from_millis(2);

pub(crate) struct Stopwatch {
    before: Note,
    start: Instant,
}

impl Stopwatch {
    pub(crate) fn start() -> Stopwatch {
        let before = Note::read();
        let start = Instant::now();
        Stopwatch { before, start }
    }

    /// Returns the time since the start, interruptions and all.
    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Returns the time since the start, without the interruptions.
    pub(crate) fn stop(self) -> Duration {
        let time = self.elapsed();
        if time < SHORT {
            return time;
        }
        let after = Note::read();
        time - self.before.until(&after).min(time)
    }
}

/// How long this OS thread had to wait until now.
struct Note {
    waited: Option<Duration>,
    /// It took so little time to read that nobody else ran meanwhile.
    is_exact: bool,
}

impl Note {
    fn read() -> Note {
        let start = Instant::now();
        let text = fs::read_to_string("/proc/thread-self/schedstat");
        let waited = text.ok().and_then(|text| {
            let nanos = text.split(' ').nth(1)?.parse().ok()?;
            Some(Duration::from_nanos(nanos))
        });
        let is_exact = start.elapsed() < QUICK;
        Note { waited, is_exact }
    }

    /// Returns how long it had to wait between the two, or nothing if that is not known.
    fn until(&self, after: &Note) -> Duration {
        match (self.waited, after.waited) {
            (Some(before), Some(after_it)) if self.is_exact && after.is_exact => {
                after_it.saturating_sub(before)
            }
            _ => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(waited: Option<u64>, is_exact: bool) -> Note {
        let waited = waited.map(Duration::from_millis);
        Note { waited, is_exact }
    }

    #[test]
    fn only_what_is_known_is_taken_off() {
        let between = |before: Note, after: Note| before.until(&after).as_millis();
        assert_eq!(between(note(Some(5), true), note(Some(9), true)), 4);
        assert_eq!(between(note(Some(5), true), note(Some(9), false)), 0);
        assert_eq!(between(note(Some(5), false), note(Some(9), true)), 0);
        assert_eq!(between(note(None, true), note(Some(9), true)), 0);
        assert_eq!(between(note(Some(9), true), note(Some(5), true)), 0);
    }
}
