//! The timers of an OS thread: what the kernel asks when it is idle.
//!
//! # Invariants
//!
//! T1. No borrow is out while a coro is readied or a handle is dropped: an observer may be told, and
//!     may arm and disarm.
//!
//! The thread-local may be gone: then nobody can be waited for any more, and nothing is armed.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use coro::{Coro, OverdueKey};

use crate::heap::{Heap, Key};
use crate::others::Others;

/// So much later may a timer be served, unless [`set_slack`] says otherwise.
const SLACK: Duration = Duration::from_millis(1);

/// What happens when the time has come.
pub(crate) enum Alarm {
    /// The coro is readied.
    Ready(Coro),
    /// All of them are, in this order: who armed the timer goes first.
    ReadyAll(Coro, Box<Others>),
    /// The coro has not ended the body of a timeout.
    Overdue(Coro, OverdueKey),
}

struct Timers {
    heap: RefCell<Heap<Alarm>>,
    slack: Cell<Duration>,
    is_installed: Cell<bool>,
    /// What was installed before.
    others: Cell<Option<Box<dyn coro::Timers>>>,
}

thread_local! {
    static TIMERS: Timers = const {
        Timers {
            heap: RefCell::new(Heap::new()),
            slack: Cell::new(SLACK),
            is_installed: Cell::new(false),
            others: Cell::new(None),
        }
    };
}

impl Drop for Timers {
    fn drop(&mut self) {
        if let Some(others) = self.others.take() {
            // At the end of an OS thread no values of users are dropped.
            Box::leak(others);
        }
    }
}

/// Arms a timer. `None` if the OS thread is ending.
pub(crate) fn arm(at: Instant, alarm: Alarm) -> Option<Key> {
    let mut alarm = Some(alarm);
    let armed = TIMERS.try_with(|timers| {
        let mut heap = timers.heap.borrow_mut();
        let key = heap.insert(at, alarm.take()?);
        if heap.len() == 1 {
            drop(heap);
            timers.begin();
        }
        Some(key)
    });
    armed.ok().flatten()
}

/// Disarms a timer; returns `false` if its time had come already.
pub(crate) fn disarm(key: Key) -> bool {
    let alarm = TIMERS.try_with(|timers| timers.heap.borrow_mut().remove(key));
    alarm.is_ok_and(|alarm| alarm.is_some())
}

/// Returns `true` if the timer was not served yet.
pub(crate) fn is_armed(key: Key) -> bool {
    let armed = TIMERS.try_with(|timers| timers.heap.borrow().contains(key));
    armed.unwrap_or(true)
}

/// Has `coro` readied too when the time of this timer has come.
pub(crate) fn join(key: Key, coro: Coro) {
    let mut coro = Some(coro);
    let _ = TIMERS.try_with(|timers| {
        let mut heap = timers.heap.borrow_mut();
        let alarm = heap.get_mut(key)?;
        if let Alarm::Ready(first) = alarm
            && coro.as_ref() != Some(first)
        {
            *alarm = Alarm::ReadyAll(first.clone(), Box::default());
        }
        if let Alarm::ReadyAll(first, others) = alarm
            && coro.as_ref() != Some(first)
        {
            // One that is in already is let go of when the borrow is over.
            coro = others.enter(coro.take()?).err();
        }
        Some(())
    });
}

/// Takes that back; who armed the timer stays.
pub(crate) fn leave(key: Key, coro: &Coro) {
    let left = TIMERS.try_with(|timers| match timers.heap.borrow_mut().get_mut(key) {
        Some(Alarm::ReadyAll(_, others)) => others.leave(coro),
        _ => None,
    });
    drop(left);
}

/// Returns how many timers are armed on this OS thread: sleeping coros, timeouts whose body runs,
/// and [`Timer`](crate::Timer)s that are not due.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// let timer = coro_time::after(std::time::Duration::from_secs(1));
/// assert_eq!(coro_time::armed(), 1);
/// drop(timer);
/// assert_eq!(coro_time::armed(), 0);
/// ```
#[must_use]
pub fn armed() -> usize {
    let armed = TIMERS.try_with(|timers| timers.heap.borrow().len());
    armed.unwrap_or(0)
}

/// Lets timers of this OS thread be served so much late, and returns the value before.
///
/// An OS thread that has nothing to do sleeps until the earliest deadline and this much longer, and
/// then serves all whose time has come: neighbours share one wake-up. It is 1 ms at first; zero
/// makes every timer as exact as the operating system is. Whatever it is, no timer is early, and
/// those that are due are served in the order of their deadlines. A [`VirtualClock`] has no slack.
///
/// [`VirtualClock`]: crate::VirtualClock
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// assert_eq!(coro_time::set_slack(Duration::ZERO), Duration::from_millis(1));
/// assert_eq!(coro_time::set_slack(Duration::from_millis(5)), Duration::ZERO);
/// ```
///
/// # Source
///
/// New here; Linux has it for OS threads, `PR_SET_TIMERSLACK`.
pub fn set_slack(slack: Duration) -> Duration {
    let old = TIMERS.try_with(|timers| timers.slack.replace(slack));
    old.unwrap_or(slack)
}

/// Sees to all timers whose time has come.
pub(crate) fn fire(now: Instant) {
    // One that is armed meanwhile, by an observer, may be left for the next time.
    for _ in 0..armed() {
        let due = TIMERS.try_with(|timers| timers.heap.borrow_mut().pop(now));
        let Ok(Some((_, alarm))) = due else {
            break;
        };
        match alarm {
            Alarm::Ready(coro) => {
                coro.ready();
            }
            Alarm::ReadyAll(first, others) => {
                first.ready();
                others.into_coros().for_each(|coro| {
                    coro.ready();
                });
            }
            Alarm::Overdue(coro, key) => coro.set_overdue(key),
        }
    }
}

impl Timers {
    /// Makes the kernel look at the timers, of which the first is armed.
    #[cold]
    fn begin(&self) {
        if self.is_installed.replace(true) {
            coro::timers_armed();
        } else {
            self.others.set(coro::set_timers(Some(Box::new(Source))));
        }
    }

    fn with_others<R>(&self, f: impl FnOnce(&mut dyn coro::Timers) -> R) -> Option<R> {
        let mut others = self.others.take()?;
        let result = f(&mut *others);
        self.others.set(Some(others));
        Some(result)
    }
}

/// What the kernel knows of all this. It has nothing to drop, as the kernel never drops it.
struct Source;

impl coro::Timers for Source {
    fn fire(&mut self, now: Instant) {
        fire(now);
        let _ = TIMERS.try_with(|timers| timers.with_others(|others| others.fire(now)));
    }

    fn deadline(&self) -> Option<Instant> {
        let deadline = TIMERS.try_with(|timers| {
            let first = timers.heap.borrow().deadline();
            let ours = first.map(|at| at.checked_add(timers.slack.get()).unwrap_or(at));
            let theirs = timers.with_others(|others| others.deadline()).flatten();
            ours.into_iter().chain(theirs).min()
        });
        deadline.ok().flatten()
    }
}
