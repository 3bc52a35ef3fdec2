//! Who can never go on.
//!
//! A blocked coro waits for its holders, for all of them; so it can go on when all of them can. One
//! that has told none may be readied by anybody. All else is taking the coros away that can go on,
//! one by one: what is left never can. Everything is linear in the coros and their holders.

use std::fmt;

use super::Report;
use super::rows::CoroReport;
use super::text::{Name, Place};

/// A circle of coros, each of which waits for the next, and the last one for the first.
///
/// It is shown as a line of arrows.
///
/// # Examples
///
/// See [`Report::cycles`].
#[derive(Clone, Debug)]
pub struct Cycle<'a> {
    coros: Vec<&'a CoroReport>,
}

impl<'a> Cycle<'a> {
    /// Returns the coros, each before the one that it waits for, the one with the smallest number
    /// first.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Report::cycles`].
    #[must_use]
    pub fn coros(&self) -> &[&'a CoroReport] {
        &self.coros
    }
}

/// So many coros of a circle are shown at its beginning, and one at its end.
const SHOWN: usize = 8;

impl fmt::Display for Cycle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.coros.len() - 1;
        let left_out = last.saturating_sub(SHOWN);
        for (at, coro) in self.coros.iter().enumerate() {
            if left_out > 1 && (SHOWN..last).contains(&at) {
                if at == SHOWN {
                    write!(f, "… {left_out} more … → ")?;
                }
                continue;
            }
            let (what, made) = coro
                .wait()
                .map_or(("", None), |wait| (wait.what, wait.made));
            // Of a coro that is joined, its own row says where it was spawned.
            let made = made.filter(|_| coro.waits_for_a_thing());
            match made {
                Some(made) => write!(f, "{} ─ {what} ({}) → ", Name::of(coro), Place(made))?,
                None => write!(f, "{} ─ {what} → ", Name::of(coro))?,
            }
        }
        write!(f, "{}", Name::of(self.coros[0]))
    }
}

/// Who is left when those who can go on are taken away.
pub(super) struct Stuck<'a> {
    pub(super) coros: Vec<&'a CoroReport>,
    pub(super) cycles: Vec<Cycle<'a>>,
}

impl CoroReport {
    /// Returns `true` if it waits for something that its holder has, and not for that one's end.
    pub(super) fn waits_for_a_thing(&self) -> bool {
        let wait = self.wait.as_ref();
        wait.is_some_and(|wait| wait.holders.iter().all(|holder| holder.place.is_some()))
    }

    /// Returns `true` if it waits for itself.
    pub(super) fn is_recursive(&self) -> bool {
        let wait = self.wait.as_ref().filter(|_| self.stays);
        wait.is_some_and(|wait| wait.holders.iter().any(|holder| holder.id == self.id))
    }
}

impl Report {
    /// Returns the circles of coros that wait for each other.
    ///
    /// They can never go on by themselves; this works at any time, while others run. Of coros that
    /// wait for several others at once not every circle is told, but one that each of them leads to.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro::Coro;
    /// use std::{cell::RefCell, rc::Rc};
    ///
    /// let second: Rc<RefCell<Option<Coro>>> = Rc::default();
    /// let theirs = second.clone();
    /// let a = coro::spawn(move || {
    ///     let second = theirs.take().unwrap();
    ///     second.join();
    /// });
    /// let first = a.coro().clone();
    /// let b = coro::spawn(move || first.join());
    /// *second.borrow_mut() = Some(b.coro().clone());
    /// coro::cede();
    ///
    /// let report = coro::report();
    /// let [cycle] = &report.cycles()[..] else { panic!("{report}") };
    /// assert_eq!(cycle.coros().len(), 2);
    /// assert_eq!(cycle.to_string(), "#1 ─ join → #2 ─ join → #1");
    /// # a.cancel();
    /// # b.cancel();
    /// ```
    #[must_use]
    pub fn cycles(&self) -> Vec<Cycle<'_>> {
        self.find_stuck().cycles
    }

    /// Returns the coros that wait for what they have themselves: that lock a mutex twice, or join
    /// themselves.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| coro::current().join());
    /// coro::cede();
    /// let report = coro::report();
    /// assert_eq!(report.recursions()[0].id(), c.id());
    /// # c.cancel();
    /// ```
    #[must_use]
    pub fn recursions(&self) -> Vec<&CoroReport> {
        let coros = self.coros.iter();
        coros.filter(|coro| coro.is_recursive()).collect()
    }

    /// Returns the coros that can never go on, whatever the others do, as far as
    /// [holders](crate::Wait::holders) tell: those in a circle, those that wait for what a coro has
    /// that has ended, and those that wait for such.
    ///
    /// To cancel one, to throw into it, or a timeout of it may set the others free.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| coro::current().join());
    /// let target = c.coro().clone();
    /// let joiner = coro::spawn(move || target.join());
    /// coro::cede();
    /// let report = coro::report();
    /// let stuck: Vec<_> = report.stuck().iter().map(|coro| coro.id()).collect();
    /// assert_eq!(stuck, [c.id(), joiner.id()]);
    /// # c.cancel();
    /// ```
    #[must_use]
    pub fn stuck(&self) -> Vec<&CoroReport> {
        self.find_stuck().coros
    }

    pub(super) fn find_stuck(&self) -> Stuck<'_> {
        let coros = &self.coros;
        let mut graph = Graph::of(coros);
        let can_go_on = graph.holders_to_come.iter().map(|count| *count == 0);
        let mut left: Vec<bool> = can_go_on.map(|can| !can).collect();
        let gone: Vec<usize> = (0..coros.len()).filter(|at| !left[*at]).collect();
        graph.take_away(gone, &mut left);
        let stuck = coros.iter().zip(&left).filter(|(_, left)| **left);
        let stuck = stuck.map(|(coro, _)| coro).collect();
        let cycles = graph.cycles(coros, left);
        Stuck {
            coros: stuck,
            cycles: cycles
                .into_iter()
                .map(|cycle| Cycle {
                    coros: cycle.into_iter().map(|at| &coros[at]).collect(),
                })
                .collect(),
        }
    }
}

/// Who waits for whom, by their places in the report.
struct Graph {
    /// Of each, who waits for it.
    waiters: Vec<Vec<usize>>,
    /// Of each, whom it waits for, if they have not ended.
    holders: Vec<Vec<usize>>,
    /// Of each, how many holders have not been taken away.
    holders_to_come: Vec<usize>,
}

impl Graph {
    fn of(coros: &[CoroReport]) -> Graph {
        let mut graph = Graph {
            waiters: vec![Vec::new(); coros.len()],
            holders: vec![Vec::new(); coros.len()],
            holders_to_come: vec![0; coros.len()],
        };
        for (at, coro) in coros.iter().enumerate().filter(|(_, coro)| coro.stays) {
            for holder in coro.wait.iter().flat_map(|wait| &wait.holders) {
                match coros.binary_search_by_key(&holder.id, |coro| coro.id) {
                    Ok(holder) => {
                        graph.holders_to_come[at] += 1;
                        graph.holders[at].push(holder);
                        graph.waiters[holder].push(at);
                    }
                    // What it took it never gives back. But whose end is waited for has come to it.
                    Err(_) if holder.place.is_some() => graph.holders_to_come[at] += 1,
                    Err(_) => {}
                }
            }
        }
        graph
    }

    /// Takes away those who are `gone`, and then whoever has no holder left.
    fn take_away(&mut self, mut gone: Vec<usize>, left: &mut [bool]) {
        while let Some(at) = gone.pop() {
            for &waiter in &self.waiters[at] {
                self.holders_to_come[waiter] -= 1;
                if left[waiter] && self.holders_to_come[waiter] == 0 {
                    left[waiter] = false;
                    gone.push(waiter);
                }
            }
        }
    }

    /// Finds circles of more than one among those who are left.
    fn cycles(&mut self, coros: &[CoroReport], mut left: Vec<bool>) -> Vec<Vec<usize>> {
        // Whoever waits for itself, or for who has ended, and for nobody else, leads nowhere.
        for at in (0..coros.len()).filter(|at| left[*at]) {
            let leads = |holder: &&usize| left[**holder] && **holder != at;
            self.holders_to_come[at] = self.holders[at].iter().filter(leads).count();
            self.waiters[at].retain(|waiter| *waiter != at);
        }
        let dead_end = |at: &usize| left[*at] && self.holders_to_come[*at] == 0;
        let gone: Vec<usize> = (0..coros.len()).filter(dead_end).collect();
        gone.iter().for_each(|at| left[*at] = false);
        self.take_away(gone, &mut left);

        let next = |at: usize| {
            let mut holders = self.holders[at].iter().copied();
            holders.find(|holder| left[*holder] && *holder != at)
        };
        let mut cycles = Vec::new();
        // Of each, in which walk it was met.
        let mut met = vec![0; coros.len()];
        for start in 0..coros.len() {
            let mut at = start;
            while left[at] && met[at] == 0 {
                met[at] = start + 1;
                at = next(at).unwrap_or(at);
            }
            // Else it has come to where an earlier walk was, which has told the circle.
            if left[start] && met[start] == start + 1 && met[at] == start + 1 {
                cycles.push(circle(at, next));
            }
        }
        cycles
    }
}

/// Returns the circle that `at` is in, from its smallest member.
fn circle(at: usize, next: impl Fn(usize) -> Option<usize>) -> Vec<usize> {
    let mut circle: Vec<usize> = vec![at];
    let mut member = next(at);
    while let Some(further) = member.filter(|member| *member != at) {
        circle.push(further);
        member = next(further);
    }
    let smallest = circle.iter().enumerate().min_by_key(|(_, member)| **member);
    let smallest = smallest.map_or(0, |(index, _)| index);
    circle.rotate_left(smallest);
    circle
}
