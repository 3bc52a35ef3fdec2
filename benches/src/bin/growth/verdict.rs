//! Which growth is too much.
//!
//! An operation on a coro that nobody has touched for long has to fetch it from memory, and at a
//! million coros none of it is in a cache: its control block (three lines), what it keeps beside
//! that, its place in a queue and its handle, and of its stack the lines and the translations of
//! the pages that it runs on. That is a constant number of accesses, [`ACCESSES`] at the most, and
//! what one of them costs at each size is measured: the control. Besides, an operation may cost
//! [`FACTOR`] times what it costs among ten: room for logarithms, for page tables that do not fit
//! into caches, and for a machine that has other things to do. So it is too much if
//!
//! ```text
//! cost(most) > FACTOR × cost(10) + ACCESSES × control(most)
//! ```
//!
//! An operation that looks at all others, even at a nanosecond for each, is ten times above that at
//! a million, and above it at a hundred thousand if it costs less than three microseconds among ten.

use std::fmt;

use crate::measure::Cost;

/// The size that the others are compared with: one alone has short ways that ten have not.
const BASE: u64 = 10;
pub(crate) const FACTOR: f64 = 25.0;
pub(crate) const ACCESSES: f64 = 24.0;
/// More than this, caches allowed for, is told, although it is not yet too much.
const NOTABLE: f64 = 4.0;

/// What is to be said of an operation.
#[derive(Debug)]
pub(crate) struct Verdict {
    most: u64,
    /// The cost there in times the cost among ten.
    pub(crate) times: f64,
    judgement: Judgement,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judgement {
    Flat,
    Grows,
    TooMuch,
}

impl Verdict {
    pub(crate) fn is_too_much(&self) -> bool {
        self.judgement == Judgement::TooMuch
    }
}

/// Judges costs, of which the smallest size is the first; `None` if there are none beyond ten.
pub(crate) fn judge(costs: &[Cost], control: &[Cost]) -> Option<Verdict> {
    let at = |costs: &[Cost], size| {
        costs
            .iter()
            .find(|cost| cost.size == size)
            .map(|cost| cost.ns)
    };
    let last = costs.last().filter(|last| last.size > BASE)?;
    let base = at(costs, BASE)?;
    let memory = ACCESSES * at(control, last.size)?;
    let judgement = if last.ns > FACTOR * base + memory {
        Judgement::TooMuch
    } else if last.ns > NOTABLE * base + memory {
        Judgement::Grows
    } else {
        Judgement::Flat
    };
    Some(Verdict {
        most: last.size,
        times: last.ns / base,
        judgement,
    })
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.judgement {
            Judgement::Flat => "flat: ",
            Judgement::Grows => "grows: ",
            Judgement::TooMuch => "TOO MUCH: ",
        })?;
        let places = usize::from(self.times < 10.0);
        let power = self.most.ilog10();
        write!(f, "×{:.places$} from 10 to 10^{power}", self.times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::sizes;

    fn costs(most: u64, ns: impl Fn(f64) -> f64) -> Vec<Cost> {
        let cost = |size| Cost {
            size,
            ns: ns(size as f64),
        };
        sizes(most).map(cost).collect()
    }

    /// As it is on a machine of today: from one to 130 nanoseconds.
    fn control() -> Vec<Cost> {
        costs(1_000_000, |size| 1.0 + 130.0 * (size / 1e6).sqrt())
    }

    fn said(most: u64, ns: impl Fn(f64) -> f64) -> String {
        let verdict = judge(&costs(most, ns), &control()).unwrap();
        verdict.to_string()
    }

    #[test]
    fn what_stays_is_flat() {
        assert_eq!(said(1_000_000, |_| 40.0), "flat: ×1.0 from 10 to 10^6");
        assert_eq!(said(100, |_| 40.0), "flat: ×1.0 from 10 to 10^2");
    }

    #[test]
    fn what_grows_as_a_logarithm_or_as_caches_miss_is_allowed() {
        let logarithm = judge(
            &costs(1_000_000, |size| 20.0 * (1.0 + size.log10())),
            &control(),
        );
        assert!(!logarithm.unwrap().is_too_much());
        // A switch to a cold coro: a few nanoseconds, and some misses.
        let misses = |size: f64| 5.0 + 10.0 * (1.0 + 130.0 * (size / 1e6).sqrt());
        assert!(
            !judge(&costs(1_000_000, misses), &control())
                .unwrap()
                .is_too_much()
        );
    }

    #[test]
    fn a_linear_twin_is_found_even_if_it_begins_late() {
        for most in [10_000, 100_000, 1_000_000] {
            let verdict = judge(&costs(most, |size| 10.0 + size), &control());
            assert!(verdict.unwrap().is_too_much(), "{most}");
        }
        // A quarter of a nanosecond for each of the others, on top of an unwinding.
        let late = judge(&costs(1_000_000, |size| 1_500.0 + size / 4.0), &control());
        assert!(late.unwrap().is_too_much());
        assert!(said(1_000_000, |size| size).starts_with("TOO MUCH: ×100000 "));
    }

    #[test]
    fn a_quadratic_twin_is_found_at_a_thousand() {
        let verdict = judge(&costs(1_000, |size| 1_000.0 + size * size), &control());
        assert!(verdict.unwrap().is_too_much());
    }

    #[test]
    fn what_the_allowance_covers_is_told() {
        assert!(said(100_000, |size| 1_000.0 + size / 8.0).starts_with("grows: ×13"));
    }

    #[test]
    fn without_ten_and_more_there_is_nothing_to_say() {
        assert!(judge(&costs(10, |size| size), &control()).is_none());
        assert!(judge(&[], &control()).is_none());
        let alone = [Cost { size: 100, ns: 9.0 }];
        assert!(judge(&alone, &control()).is_none());
    }
}
