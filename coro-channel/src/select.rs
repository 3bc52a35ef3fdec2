//! Waiting for the first of several things.

use std::fmt;
use std::panic::Location;

use coro::{Coro, Wait};
use coro_wait_queue::Arm;

/// Waits for the first of several arms, and takes exactly that one: the others take nothing and
/// store nothing.
///
/// If several can be had, [`coro::choose`] chooses, so that none is passed over for ever; or the
/// first one is taken if the select is [`biased`](Select::biased). In the queue of each arm the
/// select has the place of its arrival, as any other waiter.
///
/// [`select!`](crate::select!) is the short form. Nothing is allocated in either.
///
/// # Examples
///
/// ```
/// use coro_channel::{Arm, Channel, Select};
/// let channels: Vec<_> = (0..20).map(|_| Channel::unbounded()).collect();
/// channels[7].put("value");
/// let arms: Vec<_> = channels.iter().map(|channel| channel.get_arm()).collect();
/// let all: Vec<_> = arms.iter().map(|arm| arm as &dyn Arm).collect();
/// let index = Select::new(&all).wait();
/// assert_eq!(index, 7);
/// assert_eq!(arms.into_iter().nth(index).unwrap().take(), Some("value"));
/// ```
///
/// # Source
///
/// New here; Go's `select`, and crossbeam's `Select`.
#[must_use = "a select does nothing until it waits"]
#[derive(Clone, Copy)]
pub struct Select<'a> {
    pub(crate) arms: &'a [&'a dyn Arm],
    biased: bool,
}

impl<'a> Select<'a> {
    /// Returns a select over these arms, none of which has been selected before.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Select`].
    pub fn new(arms: &'a [&'a dyn Arm]) -> Select<'a> {
        Select {
            arms,
            biased: false,
        }
    }

    /// Prefers earlier arms to later ones, where several can be had.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_channel::{Channel, Select};
    /// let (urgent, other) = (Channel::unbounded(), Channel::unbounded());
    /// (0..9).for_each(|_| { urgent.put(1); other.put(2) });
    /// for _ in 0..9 {
    ///     let (first, second) = (urgent.get_arm(), other.get_arm());
    ///     assert_eq!(Select::new(&[&first, &second]).biased().wait(), 0);
    /// }
    /// ```
    pub fn biased(self) -> Select<'a> {
        Select {
            biased: true,
            ..self
        }
    }

    /// Blocks until an arm can be had, takes it, and returns its index.
    ///
    /// # Switches
    ///
    /// If no arm can be had.
    ///
    /// # Cancel safety
    ///
    /// An interrupted select has taken nothing, and is out of all queues before any handler or
    /// destructor of its caller runs. What an arm had been given passes on.
    ///
    /// # Panics
    ///
    /// If there are no arms, or if it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// See [`Select`].
    #[inline(always)]
    #[track_caller]
    pub fn wait(self) -> usize {
        assert!(
            !self.arms.is_empty(),
            "a select without arms waits for ever"
        );
        coro::check();
        if let Some(index) = self.commit() {
            return index;
        }
        match self.block(|| false) {
            Some(index) => index,
            None => unreachable!("without a limit, the wait ends with an arm"),
        }
    }

    /// Blocks until an arm was taken; returns `None` if its time was over before.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn block(&self, is_over: impl Fn() -> bool) -> Option<usize> {
        let waiting = Waiting(self.arms);
        loop {
            waiting.enter();
            coro::wait_for(&waiting);
            let taken = self.commit();
            if taken.is_some() || is_over() {
                return taken;
            }
        }
    }

    /// Takes an arm if one can be had now, and returns its index.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_channel::{Channel, Select};
    /// let channel = Channel::<u8>::unbounded();
    /// let arm = channel.get_arm();
    /// assert_eq!(Select::new(&[&arm]).try_now(), None);
    /// ```
    #[must_use = "an arm may have been taken"]
    pub fn try_now(self) -> Option<usize> {
        if self.arms.is_empty() {
            return None;
        }
        self.commit()
    }

    #[inline(never)]
    pub(crate) fn commit(&self) -> Option<usize> {
        let count = self.arms.len();
        let first = if self.biased { 0 } else { coro::choose(count) };
        let (before, from) = self.arms.split_at(first);
        let order = (first..count).zip(from).chain((0..first).zip(before));
        let taken = order.into_iter().find(|(_, arm)| arm.commit());
        taken.map(|(index, _)| index)
    }
}

impl fmt::Debug for Select<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Select")
            .field("arms", &self.arms.len())
            .field("biased", &self.biased)
            .finish()
    }
}

/// The arms of a select that waits: it leaves all queues when this is dropped.
struct Waiting<'a>(&'a [&'a dyn Arm]);

impl Waiting<'_> {
    #[inline(never)]
    fn enter(&self) {
        self.0.iter().for_each(|arm| arm.enter());
    }

    /// Leaves the queues. The arm that was taken, if one was, is in none.
    #[inline(never)]
    fn quit(&self) {
        self.0.iter().for_each(|arm| arm.quit());
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.quit();
    }
}

impl Wait for Waiting<'_> {
    fn what(&self) -> &'static str {
        "select"
    }

    fn made(&self) -> Option<&'static Location<'static>> {
        match self.0 {
            [only] => only.what().1,
            _ => None,
        }
    }

    fn is_stranded(&self) -> bool {
        self.0.iter().any(|arm| arm.is_stranded())
    }

    fn leave(&self, _: &Coro) {
        self.quit();
    }
}

/// Waits for the first of several arms, takes it, and evaluates what stands behind it.
///
/// ```text
/// select! {
///     biased;                          // optional: earlier arms first
///     pattern = arm => expression,     // any number
///     default => expression,           // optional: if no arm can be had now
/// }
/// ```
///
/// An arm is made by [`Channel::get_arm`](crate::Channel::get_arm),
/// [`Channel::put_arm`](crate::Channel::put_arm), [`join_arm`](crate::join_arm),
/// `Signal::wait_arm`, `Semaphore::down_arm` and `Semaphore::acquire_arm`, or is an
/// [`Arm`](crate::Arm) of your own. All are made before the select waits; the expressions run after
/// it, so they may block, return and break. The pattern must match whatever the arm yields.
///
/// It switches if no arm can be had and there is no `default`. See
/// [`Select::wait`](crate::Select::wait) for cancel safety and panics.
///
/// # Examples
///
/// ```
/// use coro_channel::{Channel, join_arm, select};
/// use std::rc::Rc;
///
/// let (jobs, results) = (Channel::unbounded(), Channel::bounded(1));
/// jobs.put(6);
/// let mut log = Vec::new();
/// for _ in 0..3 {
///     select! {
///         biased;
///         job = jobs.get_arm() => results.put(job.unwrap() * 7),
///         result = results.get_arm() => log.push(result.unwrap()),
///         default => log.push(0),
///     }
/// }
/// assert_eq!(log, [42, 0]);
/// ```
#[macro_export]
macro_rules! select {
    (biased; $($rest:tt)+) => { $crate::__select!(@parse [.biased()] [] $($rest)+) };
    ($($rest:tt)+) => { $crate::__select!(@parse [] [] $($rest)+) };
}

/// The steps of [`select!`]. Each arm gets a variable of its own: `arm` is another one in each
/// expansion.
#[doc(hidden)]
#[macro_export]
macro_rules! __select {
    (@parse $how:tt $arms:tt default => $body:block $(,)?) => {
        $crate::__select!(@default $how $arms $body)
    };
    (@parse $how:tt $arms:tt default => $body:expr $(,)?) => {
        $crate::__select!(@default $how $arms $body)
    };
    (@parse $how:tt [$($arms:tt)*] $pattern:pat = $arm:expr => $body:block, $($rest:tt)*) => {
        $crate::__select!(@parse $how [$($arms)* (arm $pattern, $arm, $body)] $($rest)*)
    };
    (@parse $how:tt [$($arms:tt)*] $pattern:pat = $arm:expr => $body:block $($rest:tt)*) => {
        $crate::__select!(@parse $how [$($arms)* (arm $pattern, $arm, $body)] $($rest)*)
    };
    (@parse $how:tt [$($arms:tt)*] $pattern:pat = $arm:expr => $body:expr, $($rest:tt)*) => {
        $crate::__select!(@parse $how [$($arms)* (arm $pattern, $arm, $body)] $($rest)*)
    };
    (@parse $how:tt [$($arms:tt)*] $pattern:pat = $arm:expr => $body:expr) => {
        $crate::__select!(@parse $how [$($arms)* (arm $pattern, $arm, $body)])
    };
    (@parse [$($how:tt)*] [$(($var:ident $pattern:pat, $arm:expr, $body:expr))+]) => {{
        $(let $var = $arm;)+
        let taken = $crate::Select::new(&[$(&$var as &dyn $crate::Arm),+])$($how)*.wait();
        $crate::__select!(@run taken, 0, unreachable!(), $(($var $pattern, $body))+)
    }};
    (@default [$($how:tt)*] [$(($var:ident $pattern:pat, $arm:expr, $body:expr))*] $default:expr) => {{
        $(let $var = $arm;)*
        match $crate::Select::new(&[$(&$var as &dyn $crate::Arm),*])$($how)*.try_now() {
            None => $default,
            Some(taken) => {
                $crate::__select!(@run taken, 0, unreachable!(), $(($var $pattern, $body))*)
            }
        }
    }};
    (@run $taken:ident, $index:expr, $none:expr,) => { $none };
    (@run $taken:ident, $index:expr, $none:expr,
        ($var:ident $pattern:pat, $body:expr) $($rest:tt)*) => {
        if $taken == $index {
            let $pattern = $crate::Arm::take($var);
            $body
        } else {
            $crate::__select!(@run $taken, $index + 1, $none, $($rest)*)
        }
    };
}
