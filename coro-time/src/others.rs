//! Those who wait for a timer beside the coro that armed it.
//!
//! # Invariants
//!
//! O1. `numbers` has the id of each coro in `coros`, with its number there, and nothing else.

use std::collections::BTreeMap;

use coro::Coro;

/// A FIFO in which each coro is once, and which each can leave.
#[derive(Default)]
pub(crate) struct Others {
    /// By their numbers, which are given out in rising order.
    coros: BTreeMap<u64, Coro>,
    /// By the ids of the coros.
    numbers: BTreeMap<u64, u64>,
    next: u64,
}

impl Others {
    /// Puts `coro` in at the end, or gives it back if it is in.
    pub(crate) fn enter(&mut self, coro: Coro) -> Result<(), Coro> {
        if self.numbers.contains_key(&coro.id()) {
            return Err(coro);
        }
        self.numbers.insert(coro.id(), self.next);
        self.coros.insert(self.next, coro);
        self.next += 1;
        Ok(())
    }

    /// Takes `coro` out.
    pub(crate) fn leave(&mut self, coro: &Coro) -> Option<Coro> {
        let number = self.numbers.remove(&coro.id())?;
        self.coros.remove(&number)
    }

    /// Returns them in the order in which they came.
    pub(crate) fn into_coros(self) -> impl Iterator<Item = Coro> {
        self.coros.into_values()
    }
}

#[cfg(test)]
mod tests {
    use coro::{Coro, spawn};

    use super::Others;

    #[test]
    fn it_does_what_a_list_does_and_keeps_nothing_of_those_who_left() {
        let handles: Vec<_> = (0..30).map(|_| spawn(|| ())).collect();
        let coros: Vec<&Coro> = handles.iter().map(|handle| handle.coro()).collect();
        let counts: Vec<_> = coros.iter().map(|coro| coro.handle_count()).collect();
        let mut others = Others::default();
        let mut model: Vec<&Coro> = Vec::new();
        let mut state = 1_u64;
        for _ in 0..10_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(99);
            let coro = coros[(state >> 33) as usize % coros.len()];
            let place = model.iter().position(|other| *other == coro);
            if state >> 63 == 0 {
                let entered = others.enter(coro.clone());
                assert_eq!(entered.err().as_ref(), place.map(|_| coro));
                if place.is_none() {
                    model.push(coro);
                }
            } else {
                let left = others.leave(coro);
                assert_eq!(left.as_ref(), place.map(|place| model.remove(place)));
            }
            assert_eq!(others.coros.len(), model.len());
            assert!(others.coros.values().eq(model.iter().copied()));
            assert_eq!(others.numbers.len(), model.len(), "O1");
            for (number, coro) in &others.coros {
                assert_eq!(others.numbers.get(&coro.id()), Some(number), "O1");
            }
        }
        assert!(others.into_coros().eq(model.into_iter().cloned()));
        let after = coros.iter().map(|coro| coro.handle_count());
        assert!(after.eq(counts));
    }
}
