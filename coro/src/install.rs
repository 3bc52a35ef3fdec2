//! Installing hooks.

use std::time::Duration;

use crate::hooks::{Clock, Driver, Observer, Outlook, Policy, Timers};
use crate::idle;
use crate::installed::Installed;
use crate::kernel::Kernel;
use crate::root;
use crate::state::kernel::{CLOCK, DRIVER, OBSERVER, POLICY, TIMERS};

/// Puts `new` in place and returns what was there.
fn install<T>(k: &Kernel, place: &Installed<T>, flag: u32, new: Option<T>) -> Option<T> {
    if new.is_some() {
        k.set(flag);
    } else {
        k.clear(flag);
    }
    place.replace(new)
}

/// Lets `policy` choose who runs next on this OS thread, or nobody again; returns the one before.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// See [`Policy`].
pub fn set_policy(policy: Option<Box<dyn Policy>>) -> Option<Box<dyn Policy>> {
    let k = root::kernel();
    install(k, &k.policy, POLICY, policy)
}

/// Lets `observer` watch this OS thread, or nobody again; returns the one before.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// See [`Observer`].
pub fn set_observer(observer: Option<Box<dyn Observer>>) -> Option<Box<dyn Observer>> {
    let k = root::kernel();
    install(k, &k.observer, OBSERVER, observer)
}

/// Lets `driver` take the idle step of this OS thread, or the parker again; returns the one before.
///
/// With a driver, the dispatcher also looks outside about every 100 µs while coros are ready.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// use coro::{Driver, Outlook, Turn};
/// use std::{cell::Cell, rc::Rc, task::Waker};
///
/// /// Has one event, for main.
/// struct Once(Option<coro::Coro>);
/// impl Driver for Once {
///     fn turn(&mut self, how: Turn) -> Outlook {
///         match self.0.take() {
///             Some(coro) => {
///                 coro.ready();
///                 Outlook::Progress
///             }
///             None => Outlook::Hopeless,
///         }
///     }
///     fn waker(&self) -> Waker {
///         Waker::noop().clone()
///     }
/// }
///
/// coro::set_driver(Some(Box::new(Once(Some(coro::current())))));
/// coro::schedule();
/// # coro::set_driver(None);
/// ```
pub fn set_driver(driver: Option<Box<dyn Driver>>) -> Option<Box<dyn Driver>> {
    let k = root::kernel();
    idle::inbox(k).set_driver(driver.as_ref().map(|driver| driver.waker()));
    install(k, &k.driver, DRIVER, driver)
}

/// Lets `timers` ready coros when their times come, or nobody again; returns those before.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// use coro::Timers;
/// use std::time::{Duration, Instant};
///
/// struct Alarm(Option<Instant>, coro::Coro);
/// impl Timers for Alarm {
///     fn fire(&mut self, now: Instant) {
///         if self.0.is_some_and(|at| at <= now) {
///             self.0 = None;
///             self.1.ready();
///         }
///     }
///     fn deadline(&self) -> Option<Instant> {
///         self.0
///     }
/// }
///
/// let at = Instant::now() + Duration::from_millis(2);
/// coro::set_timers(Some(Box::new(Alarm(Some(at), coro::current()))));
/// coro::schedule();
/// assert!(Instant::now() >= at);
/// # coro::set_timers(None);
/// ```
pub fn set_timers(timers: Option<Box<dyn Timers>>) -> Option<Box<dyn Timers>> {
    let k = root::kernel();
    install(k, &k.timers, TIMERS, timers)
}

/// Tells the dispatcher that the installed timers have a [`deadline`](Timers::deadline) again, so
/// that they are served while coros are ready too: at most 64 switches or about 100 µs late.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// coro::timers_armed(); // nothing, as there are none
/// ```
#[inline]
pub fn timers_armed() {
    root::kernel().set(TIMERS);
}

/// Readies whose time has come by the installed timers, and whom a [`Waker`](crate::Waker) has woken,
/// now and not when the dispatcher next looks; returns when the next one's time will have come.
///
/// Whoever moves a clock of his own calls this.
///
/// # Switches
///
/// Never. Readies whose time has come.
///
/// # Examples
///
/// ```
/// assert_eq!(coro::fire_timers(), None); // there are none
/// ```
pub fn fire_timers() -> Option<std::time::Instant> {
    let k = root::kernel();
    let deadline = idle::fire_timers(k);
    idle::empty_inbox(k);
    deadline
}

/// Replaces the clock of this OS thread, or puts the real one back; returns the one before.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// use std::{cell::Cell, time::{Duration, Instant}};
///
/// struct Virtual(Cell<Instant>);
/// impl coro::Clock for Virtual {
///     fn now(&self) -> Instant {
///         self.0.get()
///     }
///     fn skip_to(&self, deadline: Instant) -> bool {
///         self.0.set(deadline);
///         true
///     }
/// }
///
/// let start = Instant::now();
/// coro::set_clock(Some(Box::new(Virtual(Cell::new(start)))));
/// assert_eq!(coro::now(), start);
/// # coro::set_clock(None);
/// ```
pub fn set_clock(clock: Option<Box<dyn Clock>>) -> Option<Box<dyn Clock>> {
    let k = root::kernel();
    install(k, &k.clock, CLOCK, clock)
}

/// Returns the time, by the installed clock if there is one.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// assert!(coro::now() <= coro::now());
/// ```
#[must_use]
pub fn now() -> std::time::Instant {
    root::kernel().now()
}

/// A hook of [`set_idle`].
pub type Idle = Box<dyn FnMut() -> Outlook>;

/// Calls `idle` whenever nothing is ready, before timers, driver and parker have their turns, or
/// nobody again; returns the hook before.
///
/// It may ready coros, and not switch. [`Outlook::Hopeless`] leaves the matter to the others; if
/// it answers [`Outlook::Waiting`] and nobody else waits for anything, it is called again at once.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// use coro::Outlook;
/// let main = coro::current();
/// coro::set_idle(Some(Box::new(move || {
///     main.ready();
///     Outlook::Progress
/// })));
/// coro::schedule(); // nothing is ready, so the hook readies us
/// # coro::set_idle(None);
/// ```
///
/// # Source
///
/// Coro 6.57, `$Coro::idle`.
pub fn set_idle(idle: Option<Idle>) -> Option<Idle> {
    let k = root::kernel();
    install(k, &k.idle, 0, idle)
}

/// Says how long this OS thread may have nothing to do but to wait for [`Waker`](crate::Waker)s
/// before it says so; `None`: for ever. Returns the patience before, which is 10 seconds at first.
///
/// A waker may be held by somebody who will use it, or by a blocked coro of this very OS thread, so
/// that nobody ever will: the kernel cannot know. So when nothing was ready for that long, and
/// there is no deadline to wait for, a line that counts the wakers and a
/// [`report`](crate::report()) go to the standard error, once for an OS thread. Then it waits on.
///
/// Nothing is printed while a [`Driver`] is installed, nor if a hook of [`set_idle`] answers
/// [`Outlook::Waiting`]: they know what they wait for.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// // A server that is idle all night.
/// let before = coro::set_patience(None);
/// assert_eq!(before, Some(Duration::from_secs(10)));
/// assert_eq!(coro::set_patience(before), None);
/// ```
///
/// # Source
///
/// New here.
pub fn set_patience(patience: Option<Duration>) -> Option<Duration> {
    root::kernel().patience.replace(patience)
}
