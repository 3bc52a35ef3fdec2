//! The traits of what watches the scheduler, chooses for it, and takes over when it is idle.
//!
//! All are always compiled in; behind the kernel's flag word they cost nothing while none is
//! installed. Everything here is called by the dispatcher, where nothing may switch: a method may
//! ready, throw and cancel, but a call that would block panics.

use std::fmt;
use std::panic::Location;
use std::task;
use std::time::Instant;

use crate::control::Coro;
use crate::holder::Holder;

/// Chooses who runs next.
///
/// # Examples
///
/// ```
/// use coro::{Coro, Policy};
///
/// struct NewestFirst;
/// impl Policy for NewestFirst {
///     fn next(&mut self, ready: &[Coro]) -> usize {
///         ready.len() - 1
///     }
/// }
///
/// let log = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
/// let all: Vec<_> = (0..3)
///     .map(|i| {
///         let log = log.clone();
///         coro::spawn(move || log.borrow_mut().push(i))
///     })
///     .collect();
/// coro::set_policy(Some(Box::new(NewestFirst)));
/// all.into_iter().for_each(|c| c.join().unwrap());
/// coro::set_policy(None);
/// assert_eq!(*log.borrow(), [2, 1, 0]);
/// ```
///
/// # Source
///
/// New here; shuttle's `Scheduler` has the same shape.
pub trait Policy {
    /// Is called before each [`next`](Policy::next), while at least one coro is ready: what it does
    /// to coros (it may ready, throw into and cancel them) is done before `ready` is made.
    fn prepare(&mut self) {}

    /// Returns the index, in `ready`, of the coro that runs next.
    ///
    /// `ready` is in the order in which the coros would run without a policy, and never empty. It
    /// is called at every switch that takes from the ready queue, even if there is one choice.
    fn next(&mut self, ready: &[Coro]) -> usize;

    /// Returns a number below `count` for a [`choose`](crate::choose), or `None` to leave it to
    /// the kernel.
    fn choose(&mut self, count: usize) -> Option<usize> {
        let _ = count;
        None
    }
}

/// Watches what happens to coros.
///
/// # Examples
///
/// ```
/// use coro::{Event, Observer};
/// use std::{cell::Cell, rc::Rc};
///
/// struct Count(Rc<Cell<u32>>);
/// impl Observer for Count {
///     fn event(&mut self, event: &Event<'_>) {
///         if matches!(event, Event::SwitchedIn { .. }) {
///             self.0.set(self.0.get() + 1);
///         }
///     }
/// }
///
/// let switches = Rc::new(Cell::new(0));
/// coro::set_observer(Some(Box::new(Count(switches.clone()))));
/// coro::spawn(|| ()).join().unwrap();
/// coro::set_observer(None);
/// assert_eq!(switches.get(), 2); // to the coro and back
/// ```
pub trait Observer {
    /// Is told of one event, when it has just happened.
    fn event(&mut self, event: &Event<'_>);
}

/// What an [`Observer`] is told.
///
/// # Examples
///
/// ```
/// use coro::Event;
/// let event = Event::Spawned { coro: &coro::current() };
/// assert!(format!("{event:?}").starts_with("Spawned"));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A coro was made by the current one.
    Spawned {
        /// The new coro.
        coro: &'a Coro,
    },
    /// A coro was put into the ready queue.
    Readied {
        /// The coro that is ready now.
        coro: &'a Coro,
        /// The coro that readied it.
        by: &'a Coro,
    },
    /// A coro was switched away from.
    SwitchedOut {
        /// The coro.
        coro: &'a Coro,
        /// Where it called the scheduler.
        place: &'static Location<'static>,
        /// What it waits for, if it said so.
        wait: Option<&'static str>,
    },
    /// A coro is about to be switched to.
    SwitchedIn {
        /// The coro.
        coro: &'a Coro,
    },
    /// A throw into a coro is pending: it is raised when the coro runs next, if it may be.
    Thrown {
        /// The coro.
        coro: &'a Coro,
        /// The coro that has thrown.
        by: &'a Coro,
    },
    /// A cancel of a coro that has begun is pending: it unwinds when it runs next, if it may.
    Cancelled {
        /// The coro.
        coro: &'a Coro,
        /// The coro that has cancelled it: itself, perhaps.
        by: &'a Coro,
    },
    /// A coro remarks something, by [`note`](crate::note).
    Noted {
        /// The coro.
        coro: &'a Coro,
        /// What it says.
        text: &'a str,
    },
    /// A coro has ended; its destroy handlers and joiners come next.
    Ended {
        /// The coro.
        coro: &'a Coro,
        /// How.
        how: End,
    },
}

/// How a coro has ended: what [`JoinError`](crate::JoinError) tells its joiner.
///
/// # Examples
///
/// ```
/// use coro::{End, Event, Observer};
/// use std::{cell::Cell, rc::Rc};
///
/// struct Last(Rc<Cell<Option<End>>>);
/// impl Observer for Last {
///     fn event(&mut self, event: &Event<'_>) {
///         if let Event::Ended { how, .. } = event {
///             self.0.set(Some(*how));
///         }
///     }
/// }
///
/// let last = Rc::new(Cell::new(None));
/// coro::set_observer(Some(Box::new(Last(last.clone()))));
/// coro::spawn(|| ()).join().unwrap();
/// assert_eq!(last.get(), Some(End::Returned));
/// coro::spawn(|| ()).cancel();
/// assert_eq!(last.get(), Some(End::Cancelled));
/// # coro::set_observer(None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// It returned, or [`terminate`](crate::terminate) gave its result.
    Returned,
    /// It was cancelled, or cut off by a timeout that was set around all of it.
    Cancelled,
    /// It panicked.
    Panicked,
    /// It was unwound by a [`throw`](Coro::throw).
    Thrown,
    /// There was no stack for it.
    NoStack,
}

/// What a blocked coro waits for: tells reports, and lets the coro leave the wait.
///
/// A primitive implements it for what stands on the waiter's stack, and passes it to
/// [`wait_for`](crate::wait_for).
///
/// Like a hook, it is asked where nothing may switch: a method that switches or panics ends the
/// process. At the end of the OS thread it is asked no more.
///
/// # Examples
///
/// ```
/// struct Dinner;
/// impl coro::Wait for Dinner {
///     fn what(&self) -> &'static str {
///         "dinner"
///     }
/// }
///
/// let c = coro::spawn(|| coro::wait_for(&Dinner));
/// coro::cede();
/// assert!(coro::report().to_string().contains("dinner"));
/// c.ready();
/// c.join().unwrap();
/// ```
pub trait Wait {
    /// Returns the kind of object that is waited for, for people: "semaphore".
    fn what(&self) -> &'static str;

    /// Returns where that object was made, if it is known.
    fn made(&self) -> Option<&'static Location<'static>> {
        None
    }

    /// Calls `tell` for each coro without which the wait cannot end, as far as that is known: who
    /// holds the lock, who is joined. Reports show them, and find cycles.
    fn holders(&self, tell: &mut dyn FnMut(Holder)) {
        let _ = tell;
    }

    /// Returns `true` if what is waited for can be had now.
    ///
    /// Asked when nobody is ready: then somebody has forgotten to wake the coro.
    fn is_stranded(&self) -> bool {
        false
    }

    /// Takes `coro` out of the wait at once, and passes a wake-up that it was given on.
    ///
    /// [`Coro::safe_cancel`] calls this while `coro` is switched out; it may ready coros, but not
    /// switch. When `coro` runs again, it finds its wait ended by an unwinding.
    fn leave(&self, coro: &Coro) {
        let _ = coro;
    }
}

/// Takes over the idle step of an OS thread: an event loop.
///
/// # Examples
///
/// See [`set_driver`](crate::set_driver).
pub trait Driver {
    /// Looks at the outside, and readies the coros whose events have come.
    fn turn(&mut self, how: Turn) -> Outlook;

    /// Returns what ends a [`Turn::Wait`] in progress, from any OS thread.
    fn waker(&self) -> task::Waker;
}

/// How long a [`Driver`] may look.
///
/// # Examples
///
/// ```
/// assert_ne!(coro::Turn::Look, coro::Turn::Wait(None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Return at once: coros are ready.
    Look,
    /// Nothing is ready: wait for an event, until that time if one is given.
    Wait(Option<Instant>),
}

/// What an idle step found.
///
/// # Examples
///
/// See [`set_idle`](crate::set_idle).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// Something was done: look at the ready queue again.
    Progress,
    /// Nothing happened, but something still may.
    Waiting,
    /// Nothing can happen any more from here.
    Hopeless,
}

/// Coros that wait for a time: the timers of an OS thread.
///
/// # Examples
///
/// See [`set_timers`](crate::set_timers).
pub trait Timers {
    /// Readies all whose time has come.
    fn fire(&mut self, now: Instant);

    /// Returns the earliest time that somebody waits for.
    fn deadline(&self) -> Option<Instant>;
}

/// The source of time, so that a test can replace it.
///
/// # Examples
///
/// See [`set_clock`](crate::set_clock).
pub trait Clock {
    /// Returns the time.
    fn now(&self) -> Instant;

    /// Is told that nothing happens before `deadline`. A virtual clock moves there and returns
    /// `true`; the real one returns `false`, and the OS thread waits.
    fn skip_to(&self, deadline: Instant) -> bool;
}

macro_rules! opaque {
    ($($name:ident),*) => {$(
        impl fmt::Debug for dyn $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )*};
}
opaque!(Policy, Observer, Wait, Driver, Timers, Clock);
