//! A list in the order of arrival, which can be left from anywhere, by number.
//!
//! # Invariants
//!
//! R1. The numbers of the entries go up. A number is given out once.
//! R2. `living` counts the entries that are not blank. The last entry is one of them, and blank
//!     ones never outnumber them.

/// Things that are numbered as they come, and leave by their numbers. A step takes the time of a
/// binary search at most, on average.
#[derive(Debug)]
pub(crate) struct Roll<T> {
    entries: Vec<(u64, Option<T>)>,
    next: u64,
    living: usize,
}

impl<T> Roll<T> {
    pub(crate) const fn new() -> Roll<T> {
        Roll {
            entries: Vec::new(),
            next: 0,
            living: 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.living == 0
    }

    /// Adds the newest, and returns its number.
    pub(crate) fn push(&mut self, entry: T) -> u64 {
        let number = self.next;
        self.next += 1;
        self.entries.push((number, Some(entry)));
        self.living += 1;
        number
    }

    /// Takes the newest out.
    pub(crate) fn pop(&mut self) -> Option<T> {
        let &(newest, _) = self.entries.last()?;
        self.remove(newest)
    }

    /// Takes out who has this number; `None` if it is not there any more.
    pub(crate) fn remove(&mut self, number: u64) -> Option<T> {
        let at = match self.entries.last() {
            Some(&(newest, _)) if newest == number => self.entries.len() - 1,
            _ => {
                let found = self.entries.binary_search_by_key(&number, |entry| entry.0);
                found.ok()?
            }
        };
        let gone = self.entries[at].1.take()?;
        self.living -= 1;
        while self.entries.pop_if(|entry| entry.1.is_none()).is_some() {}
        if self.entries.len() > 2 * self.living {
            self.entries.retain(|entry| entry.1.is_some());
        }
        Some(gone)
    }

    /// Returns all, the oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().filter_map(|entry| entry.1.as_ref())
    }

    /// Takes all out, the oldest first.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = T> {
        self.living = 0;
        self.entries.drain(..).filter_map(|entry| entry.1)
    }

    /// Returns the only one, if there is just one.
    pub(crate) fn only(&self) -> Option<&T> {
        // By R2 it is the last.
        let newest = self.entries.last().filter(|_| self.living == 1)?;
        newest.1.as_ref()
    }
}

impl<T> Default for Roll<T> {
    fn default() -> Roll<T> {
        Roll::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the invariants, and that these and no others are there.
    #[track_caller]
    fn check(roll: &Roll<u64>, expected: &[u64]) {
        assert!(roll.entries.is_sorted_by(|a, b| a.0 < b.0), "R1: {roll:?}");
        let living = roll.iter().count();
        assert_eq!(roll.living, living, "R2: {roll:?}");
        assert!(roll.entries.len() <= 2 * living, "R2: {roll:?}");
        assert!(roll.entries.last().is_none_or(|last| last.1.is_some()));
        assert!(roll.iter().eq(expected), "{roll:?} is not {expected:?}");
        assert_eq!(roll.is_empty(), expected.is_empty());
        let only = (expected.len() == 1).then(|| &expected[0]);
        assert_eq!(roll.only(), only);
    }

    #[test]
    fn those_who_are_left_keep_their_order_whoever_leaves() {
        // 7 is prime to the count, so this is every one of them, out of order.
        const COUNT: u64 = 100;
        let mut roll = Roll::new();
        let numbers: Vec<u64> = (0..COUNT).map(|nth| roll.push(nth)).collect();
        let mut left: Vec<u64> = (0..COUNT).collect();
        for nth in (0..COUNT).map(|nth| nth * 7 % COUNT) {
            assert_eq!(roll.remove(numbers[nth as usize]), Some(nth));
            left.retain(|other| *other != nth);
            check(&roll, &left);
        }
    }

    #[test]
    fn a_number_is_of_one_entry_for_ever() {
        let mut roll = Roll::new();
        let first = roll.push(0);
        let second = roll.push(1);
        assert_eq!(roll.remove(first), Some(0));
        assert_eq!(roll.remove(first), None);
        assert_eq!(roll.pop(), Some(1));
        check(&roll, &[]);
        let third = roll.push(2);
        assert_eq!((roll.remove(first), roll.remove(second)), (None, None));
        check(&roll, &[2]);
        assert_eq!(roll.remove(third), Some(2));
        check(&roll, &[]);
    }

    #[test]
    fn two_who_come_and_go_behind_others_leave_no_blanks_behind() {
        let mut roll = Roll::new();
        for nth in 0..4 {
            roll.push(nth);
        }
        let mut older = roll.push(4);
        for nth in 5..1_000 {
            let younger = roll.push(nth);
            assert_eq!(roll.remove(older), Some(nth - 1));
            check(&roll, &[0, 1, 2, 3, nth]);
            older = younger;
        }
    }

    #[test]
    fn all_are_taken_oldest_first_and_the_newest_by_itself() {
        let mut roll = Roll::new();
        let numbers: Vec<u64> = (0..6).map(|nth| roll.push(nth)).collect();
        roll.remove(numbers[4]);
        assert_eq!(roll.pop(), Some(5));
        // The blank one behind it went too.
        check(&roll, &[0, 1, 2, 3]);
        roll.remove(numbers[1]);
        assert!(roll.drain().eq([0, 2, 3]));
        check(&roll, &[]);
        assert_eq!(roll.pop(), None);
    }
}
