//! Those who wait at one end of a channel between OS threads.
//!
//! A wake-up is a hint: whoever is woken looks again. It knows nothing of values, so the memory of a
//! waiter can be found and let go of without them, when its OS thread ends.
//!
//! # Invariants
//!
//! W1. An entry is in the line exactly while its waiter waits and is not woken. So a waiter that
//!     wants to leave and finds no entry was woken, and passes that on.
//! W2. Entries are in the order of their numbers, which is that of arrival. A waiter that was woken
//!     for nothing comes back with its number, so to its place.
//! W3. Nothing foreign is called, and no last waker is dropped, under the lock.
//! W4. A waiter that leaves before it is woken leaves a blank, as others cannot move up without cost.
//!     `blanks` counts them; the first and the last entry are none, and half of all are at the most.

#[cfg(loom)]
use loom::sync::atomic::{AtomicUsize, Ordering};
#[cfg(loom)]
use loom::sync::{Mutex, MutexGuard};
#[cfg(not(loom))]
use parking_lot::{Mutex, MutexGuard};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicUsize, Ordering};

use std::cell::Cell;
use std::collections::VecDeque;
use std::mem;
use std::task::Waker;

/// A FIFO of waiters of any OS threads.
pub(crate) struct Waiters {
    line: Mutex<Line>,
    /// How many entries are in the line; to be read where nobody can enter.
    unwoken: AtomicUsize,
    /// How many have entered and not left, woken or not.
    present: AtomicUsize,
}

struct Line {
    entries: VecDeque<(u64, Option<Waker>)>,
    blanks: usize,
    next: u64,
}

/// A waiter's place: it has none until it first stays.
pub(crate) struct Place {
    number: Cell<Option<u64>>,
    waker: Waker,
}

impl Place {
    pub(crate) fn new(waker: Waker) -> Place {
        Place {
            number: Cell::new(None),
            waker,
        }
    }

    /// The number of the place, by which it can be given up in the waiter's stead.
    pub(crate) fn number(&self) -> Option<u64> {
        self.number.get()
    }
}

impl Waiters {
    pub(crate) fn new() -> Waiters {
        Waiters {
            line: Mutex::new(Line {
                entries: VecDeque::new(),
                blanks: 0,
                next: 0,
            }),
            unwoken: AtomicUsize::new(0),
            present: AtomicUsize::new(0),
        }
    }

    #[cfg(not(loom))]
    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock()
    }

    #[cfg(loom)]
    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().expect("no model panics under the lock")
    }

    /// Returns `true` if there may be somebody to wake. It is so if there is, for a caller whom
    /// nobody can overtake on the way in.
    #[inline]
    pub(crate) fn any(&self) -> bool {
        self.unwoken.load(Ordering::Relaxed) > 0
    }

    /// Returns how many wait, woken or not.
    #[inline]
    pub(crate) fn present(&self) -> usize {
        self.present.load(Ordering::Relaxed)
    }

    /// Enters, at the end; keeps the place; or comes back to it after a wake-up for nothing.
    pub(crate) fn stay(&self, place: &Place) {
        let mut line = self.lock();
        let number = place.number.get().unwrap_or_else(|| {
            self.present.fetch_add(1, Ordering::Relaxed);
            line.next += 1;
            line.next
        });
        place.number.set(Some(number));
        if let Err(at) = line.find(number) {
            let waker = Some(place.waker.clone());
            line.entries.insert(at, (number, waker));
            self.count(&line);
        }
    }

    /// Leaves, with what the waiter wanted.
    pub(crate) fn done(&self, place: &Place) {
        if let Some(number) = place.number.take() {
            self.remove(number);
        }
    }

    /// Leaves without; a wake-up passes on.
    pub(crate) fn quit(&self, place: &Place) {
        if let Some(number) = place.number.take() {
            self.give_up(number);
        }
    }

    /// As [`quit`](Waiters::quit), for a waiter that will never run again.
    pub(crate) fn give_up(&self, number: u64) {
        let waits = self.remove(number);
        if !waits {
            self.wake_one();
        }
    }

    /// Takes the waiter out; returns `true` if it was not woken.
    fn remove(&self, number: u64) -> bool {
        let mut line = self.lock();
        self.present.fetch_sub(1, Ordering::Relaxed);
        let entry = match line.find(number) {
            Ok(at) => line.take(at),
            Err(_) => None,
        };
        self.count(&line);
        drop(line);
        entry.is_some()
    }

    /// Wakes the oldest.
    pub(crate) fn wake_one(&self) {
        let mut line = self.lock();
        let oldest = line.take(0);
        self.count(&line);
        drop(line);
        if let Some(waker) = oldest {
            waker.wake();
        }
    }

    /// Wakes all, the oldest first.
    pub(crate) fn wake_all(&self) {
        let mut line = self.lock();
        let all = mem::take(&mut line.entries);
        line.blanks = 0;
        self.count(&line);
        drop(line);
        for waker in all.into_iter().filter_map(|entry| entry.1) {
            waker.wake();
        }
    }

    fn count(&self, line: &Line) {
        let unwoken = line.entries.len() - line.blanks;
        self.unwoken.store(unwoken, Ordering::Relaxed);
    }
}

impl Line {
    /// Where the entry is, or would be.
    fn find(&self, number: u64) -> Result<usize, usize> {
        // The newest enters, mostly.
        if self.entries.back().is_none_or(|last| last.0 < number) {
            return Err(self.entries.len());
        }
        self.entries.binary_search_by_key(&number, |entry| entry.0)
    }

    /// Takes an entry out.
    fn take(&mut self, at: usize) -> Option<Waker> {
        let waker = self.entries.get_mut(at)?.1.take()?;
        self.blanks += 1;
        let is_blank = |entry: &mut (u64, Option<Waker>)| entry.1.is_none();
        while self.entries.pop_front_if(is_blank).is_some() {
            self.blanks -= 1;
        }
        while self.entries.pop_back_if(is_blank).is_some() {
            self.blanks -= 1;
        }
        if self.blanks * 2 > self.entries.len() {
            self.entries.retain(|entry| entry.1.is_some());
            self.blanks = 0;
        }
        Some(waker)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};
    use std::task::{Wake, Waker};

    use super::{Place, Waiters};

    /// Says that the waiter of this number was woken.
    struct Says(usize, Arc<Mutex<Vec<usize>>>);

    impl Wake for Says {
        fn wake(self: Arc<Self>) {
            self.1.lock().expect("nobody panics").push(self.0);
        }
    }

    impl Waiters {
        fn check(&self) {
            let line = self.lock();
            assert!(line.entries.iter().is_sorted_by_key(|entry| entry.0), "W2");
            let blanks = line.entries.iter().filter(|entry| entry.1.is_none());
            assert_eq!(blanks.count(), line.blanks, "W4");
            assert!(line.blanks * 2 <= line.entries.len(), "W4");
            let ends = [line.entries.front(), line.entries.back()];
            let mut ends = ends.into_iter().flatten();
            assert!(ends.all(|entry| entry.1.is_some()), "W4");
            let unwoken = line.entries.iter().filter(|entry| entry.1.is_some());
            assert_eq!(self.unwoken.load(Ordering::Relaxed), unwoken.count());
        }
    }

    #[test]
    fn it_does_what_a_list_of_numbers_does() {
        static STATE: AtomicUsize = AtomicUsize::new(1);
        fn random(below: usize) -> usize {
            let next = |state: usize| {
                state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(99)
            };
            let state = next(STATE.load(Ordering::Relaxed));
            STATE.store(state, Ordering::Relaxed);
            (state >> 33) % below
        }
        let woken = Arc::new(Mutex::new(Vec::new()));
        let waiters = Waiters::new();
        let mut places: Vec<Place> = Vec::new();
        // Who is in the line, and who was woken and has not left, by their indices in `places`.
        let (mut line, mut up) = (Vec::<usize>::new(), Vec::<usize>::new());
        for step in 0..20_000 {
            // More come than go for a while, and then more go.
            let come = if step / 500 % 2 == 0 { 7 } else { 2 };
            let mut wakes = Vec::new();
            match random(12) {
                roll if roll < come => {
                    let says = Says(places.len(), woken.clone());
                    places.push(Place::new(Waker::from(Arc::new(says))));
                    waiters.stay(&places[places.len() - 1]);
                    line.push(places.len() - 1);
                }
                7 | 8 if !line.is_empty() => {
                    let who = line.remove(random(line.len()));
                    if random(2) == 0 {
                        waiters.quit(&places[who]);
                    } else {
                        waiters.done(&places[who]);
                    }
                }
                9 if !up.is_empty() => {
                    // One that was woken for nothing comes back to its place.
                    let who = up.swap_remove(random(up.len()));
                    waiters.stay(&places[who]);
                    line.insert(line.partition_point(|other| *other < who), who);
                }
                10 if !up.is_empty() => {
                    // One that was woken leaves without: the next one is woken for it.
                    let who = up.swap_remove(random(up.len()));
                    wakes.extend((!line.is_empty()).then(|| line.remove(0)));
                    waiters.quit(&places[who]);
                }
                11 if random(50) == 0 => {
                    wakes.append(&mut line);
                    waiters.wake_all();
                }
                _ => {
                    wakes.extend((!line.is_empty()).then(|| line.remove(0)));
                    waiters.wake_one();
                }
            }
            waiters.check();
            let seen = std::mem::take(&mut *woken.lock().unwrap());
            assert_eq!(seen, wakes);
            up.extend(wakes);
            assert_eq!(waiters.any(), !line.is_empty());
            assert_eq!(waiters.present(), line.len() + up.len());
        }
    }
}
