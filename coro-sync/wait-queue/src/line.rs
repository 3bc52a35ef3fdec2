//! A FIFO with running numbers, which can be left from anywhere.
//!
//! # Invariants
//!
//! L1. The oldest entry is in `front` and has the number `first`. While `is_sparse` is unset, the
//!     entry at index `i` of `rest` has the number `first + 1 + i`; else its number is `sparse[i]`.
//! L2. An entry is blank if its waiter has left, or if it is a callback: that is in `calls` then,
//!     which is in the order of the numbers.
//! L3. `living` counts the entries whose waiter has not left. The last entry of `rest` is one of
//!     them, and those whose waiter has left never outnumber them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;

use coro::Coro;

/// What is called in place of readying a coro.
pub(crate) type Call = Box<dyn FnOnce()>;

/// Who is in front of a line.
pub(crate) enum Front<N> {
    /// It was taken out.
    Coro(Coro, N),
    /// It stays: [`Line::pop_call`] takes it out.
    Call,
    /// It stays, or there is nobody.
    Nobody,
}

type Ring<N> = VecDeque<Option<(Coro, N)>>;
/// The oldest, and those behind it.
type Taken<N> = (Option<(Coro, N)>, Ring<N>);

/// The waiters of a queue, the oldest first, each coro with its note.
pub(crate) struct Line<N> {
    /// The only waiter, mostly, and then nothing else is touched.
    front: Cell<Option<(Coro, N)>>,
    first: Cell<u64>,
    /// The number of the next entry: one above that of the last.
    next: Cell<u64>,
    rest: RefCell<Ring<N>>,
    sparse: RefCell<VecDeque<u64>>,
    is_sparse: Cell<bool>,
    calls: RefCell<VecDeque<(u64, Call)>>,
    living: Cell<usize>,
}

impl<N> Line<N> {
    pub(crate) const fn new() -> Line<N> {
        Line {
            front: Cell::new(None),
            first: Cell::new(0),
            next: Cell::new(0),
            rest: RefCell::new(VecDeque::new()),
            sparse: RefCell::new(VecDeque::new()),
            is_sparse: Cell::new(false),
            calls: RefCell::new(VecDeque::new()),
            living: Cell::new(0),
        }
    }

    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.living.get()
    }

    /// The coros in the line, but for one in front that is lent to a predicate.
    pub(crate) fn coros(&self) -> Vec<Coro> {
        let front = self.front.take();
        let oldest = front.as_ref().map(|entry| entry.0.clone());
        self.front.set(front);
        let rest = self.rest.borrow();
        let others = rest.iter().flatten().map(|entry| entry.0.clone());
        oldest.into_iter().chain(others).collect()
    }

    /// The number of the oldest entry: who has a smaller one was taken out.
    #[inline(always)]
    pub(crate) fn first(&self) -> u64 {
        self.first.get()
    }

    /// The number that the next entry will have: all who are in the line have smaller ones.
    pub(crate) fn end(&self) -> u64 {
        self.next.get()
    }

    /// Adds the current coro, and returns its number.
    #[inline(always)]
    pub(crate) fn push(&self, note: N) -> u64 {
        let (number, only) = self.number();
        if only {
            self.front.set(Some((coro::current(), note)));
        } else {
            self.push_behind(number, Some((coro::current(), note)));
        }
        number
    }

    /// Adds a callback.
    pub(crate) fn push_call(&self, call: Call) {
        let (number, only) = self.number();
        self.calls.borrow_mut().push_back((number, call));
        if !only {
            self.push_behind(number, None);
        }
    }

    /// Gives out a number, and says whether its entry is the only one.
    #[inline(always)]
    fn number(&self) -> (u64, bool) {
        let number = self.next.get();
        self.next.set(number + 1);
        let living = self.living.get();
        self.living.set(living + 1);
        if living == 0 {
            self.first.set(number);
        }
        (number, living == 0)
    }

    /// Takes all out at once, if all are coros and none has left from between; else `None`. Who
    /// has woken them gives the ring [back](Line::reuse).
    pub(crate) fn take_all(&self) -> Option<Taken<N>> {
        if self.is_sparse.get() || !self.calls.borrow().is_empty() {
            return None;
        }
        let oldest = self.front.take();
        if oldest.is_none() && self.living.get() > 0 {
            busy();
        }
        self.first.set(self.next.get());
        self.living.set(0);
        Some((oldest, self.rest.take()))
    }

    /// Spares the next waiters the allocation.
    pub(crate) fn reuse(&self, ring: Ring<N>) {
        let mut rest = self.rest.borrow_mut();
        if rest.capacity() == 0 {
            *rest = ring;
        }
    }

    #[inline(always)]
    fn push_behind(&self, number: u64, entry: Option<(Coro, N)>) {
        self.rest.borrow_mut().push_back(entry);
        if self.is_sparse.get() {
            self.sparse.borrow_mut().push_back(number);
        }
    }

    /// Takes the oldest entry out if it is a coro whose note fits.
    #[inline(always)]
    pub(crate) fn pop_if(&self, fits: impl FnOnce(&N) -> bool) -> Front<N> {
        if self.living.get() == 0 {
            return Front::Nobody;
        }
        let Some(entry) = self.front.take() else {
            return Front::Call;
        };
        let lent = Lent {
            line: self,
            number: self.first.get(),
            entry: Some(entry),
        };
        if !lent.entry.as_ref().is_some_and(|entry| fits(&entry.1)) {
            return Front::Nobody;
        }
        match lent.keep() {
            Some((coro, note)) => {
                self.advance();
                Front::Coro(coro, note)
            }
            // The predicate has made it leave.
            None => Front::Nobody,
        }
    }

    /// Takes the callback out that is in front.
    #[cold]
    #[inline(never)]
    pub(crate) fn pop_call(&self) -> Call {
        let Some((_, call)) = self.calls.borrow_mut().pop_front() else {
            // L2: it is in the hands of a predicate.
            busy();
        };
        self.advance();
        call
    }

    /// Moves the next entry to the front, which was taken.
    #[inline]
    fn advance(&self) {
        self.first.set(self.first.get() + 1);
        self.living.set(self.living.get() - 1);
        if self.living.get() > 0 {
            self.refill();
        }
    }

    #[inline(always)]
    fn refill(&self) {
        let mut rest = self.rest.borrow_mut();
        match rest.pop_front() {
            Some(Some(entry)) if !self.is_sparse.get() => self.front.set(Some(entry)),
            Some(entry) => self.refill_with(entry, &mut rest),
            None => unreachable!("L3: `living` counts entries that are there"),
        }
    }

    /// The same, where an entry may be blank or have any number; this is the first of them.
    #[inline(never)]
    fn refill_with(&self, mut entry: Option<(Coro, N)>, rest: &mut Ring<N>) {
        loop {
            if self.is_sparse.get()
                && let Some(number) = self.sparse.borrow_mut().pop_front()
            {
                self.first.set(number);
            }
            if entry.is_some() || self.is_call(self.first.get()) {
                self.front.set(entry);
                break;
            }
            self.first.set(self.first.get() + 1);
            let Some(next) = rest.pop_front() else {
                unreachable!("L3: `living` counts entries that are there");
            };
            entry = next;
        }
        if rest.is_empty() {
            self.make_dense();
        }
    }

    /// Notes that `rest` is empty.
    #[inline]
    fn make_dense(&self) {
        self.is_sparse.set(false);
        self.next.set(self.first.get() + 1);
    }

    /// Returns `true` if the entry with this number, which is blank, is a callback.
    #[cold]
    fn is_call(&self, number: u64) -> bool {
        let calls = self.calls.borrow();
        calls.binary_search_by_key(&number, |call| call.0).is_ok()
    }

    /// Takes out the entry of a coro, which is in the line, and returns it: to drop it may run
    /// code of users.
    pub(crate) fn remove(&self, number: u64) -> Option<(Coro, N)> {
        if number == self.first.get() {
            let left = self.front.take();
            self.advance();
            return left;
        }
        let mut rest = self.rest.borrow_mut();
        let mut sparse = self.sparse.borrow_mut();
        let at = if self.is_sparse.get() {
            sparse.binary_search(&number).unwrap_or(usize::MAX)
        } else {
            (number - self.first.get() - 1) as usize
        };
        let left = rest.get_mut(at).and_then(Option::take);
        assert!(left.is_some(), "L2: a coro that has not left has its entry");
        self.living.set(self.living.get() - 1);
        self.trim(&mut rest, &mut sparse);
        if rest.len() > 2 * self.living.get() {
            self.compact(&mut rest, &mut sparse);
        }
        if rest.is_empty() {
            sparse.clear();
            self.make_dense();
        }
        left
    }

    /// Takes blank entries off the end.
    fn trim(&self, rest: &mut Ring<N>, sparse: &mut VecDeque<u64>) {
        while rest.back().is_some_and(Option::is_none) {
            let last = sparse.back().copied().unwrap_or(self.next.get() - 1);
            if self.is_call(last) {
                break;
            }
            rest.pop_back();
            sparse.pop_back();
            // No later entry has the number, so it may be given out again.
            self.next.set(sparse.back().map_or(last, |last| last + 1));
        }
    }

    /// Takes blank entries out from between.
    fn compact(&self, rest: &mut Ring<N>, sparse: &mut VecDeque<u64>) {
        if !self.is_sparse.get() {
            sparse.extend(self.first.get() + 1..self.next.get());
            self.is_sparse.set(true);
        }
        let lives: Vec<bool> = rest
            .iter()
            .zip(&*sparse)
            .map(|(entry, &number)| entry.is_some() || self.is_call(number))
            .collect();
        let mut kept = lives.iter();
        rest.retain(|_| kept.next() == Some(&true));
        let mut kept = lives.iter();
        sparse.retain(|_| kept.next() == Some(&true));
    }
}

/// The entry in front, while a predicate looks at its note. It goes back, unless it is kept, or
/// has left meanwhile.
struct Lent<'a, N> {
    line: &'a Line<N>,
    number: u64,
    entry: Option<(Coro, N)>,
}

impl<N> Lent<'_, N> {
    #[inline(always)]
    fn keep(mut self) -> Option<(Coro, N)> {
        let entry = self.entry.take();
        entry.filter(|_| self.line.first.get() == self.number)
    }
}

impl<N> Drop for Lent<'_, N> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.entry.is_some() && self.line.first.get() == self.number {
            self.line.front.set(self.entry.take());
        }
    }
}

#[cold]
fn busy() -> ! {
    panic!("the predicate of a `wake_if` must not use the queue")
}

/// Shows the coros.
impl<N> fmt::Debug for Line<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.coros()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_coro(front: Front<()>) -> bool {
        matches!(front, Front::Coro(..))
    }

    #[test]
    fn blank_entries_never_outnumber_the_living() {
        let line = Line::new();
        let patient = line.push(());
        for _ in 0..1_000 {
            // The older one leaves first, so its entry is not the last.
            let (older, younger) = (line.push(()), line.push(()));
            line.remove(older);
            assert!(line.rest.borrow().len() <= 2 * line.len());
            assert!(line.sparse.borrow().len() <= line.rest.borrow().len());
            line.remove(younger);
            assert!(line.rest.borrow().is_empty());
        }
        assert_eq!(line.first(), patient);
        assert!(is_coro(line.pop_if(|()| true)));
        assert_eq!(line.len(), 0);
    }

    #[test]
    fn numbers_are_dense_again_when_the_line_was_empty() {
        let line = Line::new();
        let all: Vec<_> = (0..10).map(|_| line.push(())).collect();
        for &number in &all[1..9] {
            line.remove(number);
        }
        assert!(line.is_sparse.get());
        assert!(is_coro(line.pop_if(|()| true)));
        assert!(all[0] < line.first() && line.first() == all[9]);
        assert!(!line.is_sparse.get());
        assert!(is_coro(line.pop_if(|()| true)));
        assert!(all[9] < line.first());
        let next = line.push(());
        assert_eq!(line.first(), next);
    }

    #[test]
    fn a_callback_keeps_its_place_when_those_around_it_leave() {
        let line = Line::new();
        let front = line.push(());
        let before: Vec<_> = (0..9).map(|_| line.push(())).collect();
        line.push_call(Box::new(|| ()));
        let after: Vec<_> = (0..9).map(|_| line.push(())).collect();
        line.push_call(Box::new(|| ()));
        let last = line.push(());
        for number in before.into_iter().chain(after).chain([last]) {
            line.remove(number);
        }
        assert_eq!(line.len(), 3);
        line.remove(front);
        for left in [1, 0] {
            assert!(matches!(line.pop_if(|()| false), Front::Call));
            drop(line.pop_call());
            assert_eq!(line.len(), left);
        }
    }

    #[test]
    fn who_does_not_fit_stays_in_front() {
        let line = Line::new();
        let number = line.push(3);
        line.push(1);
        assert!(matches!(line.pop_if(|&note| note < 3), Front::Nobody));
        assert_eq!((line.len(), line.first()), (2, number));
        let front = line.pop_if(|&note| note == 3);
        assert!(matches!(front, Front::Coro(_, 3)));
    }
}
