//! Gets, puts, and ends of coros as arms of a select.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;

use coro::{Coro, Joiner, Wait};
use coro_wait_queue::{Arm, Waiter};

use crate::Channel;
use crate::waiting::{Getter, Putter};

type Made = (&'static str, Option<&'static Location<'static>>);

/// Gets and puts as arms of a select.
impl<T> Channel<T> {
    /// Returns an arm that does what [`get`](Channel::get) does.
    ///
    /// # Switches
    ///
    /// Never. The select does.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_channel::{Channel, select};
    /// let (numbers, words) = (Channel::unbounded(), Channel::unbounded());
    /// words.put("value");
    /// select! {
    ///     n = numbers.get_arm() => assert_eq!(n, Some(1)),
    ///     word = words.get_arm() => assert_eq!(word, Some("value")),
    /// }
    /// ```
    #[doc(alias = "recv")]
    pub fn get_arm(&self) -> GetArm<'_, T> {
        GetArm {
            channel: self,
            waiter: self.getters.waiter(Getter(self)),
            got: Cell::new(None),
        }
    }

    /// Returns an arm that does what [`put`](Channel::put) does, but stores its value only if it is
    /// selected.
    ///
    /// It can be had while there is a free slot, or while a coro waits for a value. A select must
    /// not hold a get and a put of the same channel if that has a capacity of 0: it would see
    /// itself waiting.
    ///
    /// # Switches
    ///
    /// Never. The select does.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_channel::{Channel, select};
    /// let (full, free) = (Channel::bounded(0), Channel::bounded(1));
    /// select! {
    ///     _ = full.put_arm(1) => unreachable!(),
    ///     _ = free.put_arm(2) => {}
    /// }
    /// assert_eq!((full.len(), free.len()), (0, 1));
    /// ```
    #[doc(alias = "send")]
    pub fn put_arm(&self, value: T) -> PutArm<'_, T> {
        PutArm {
            channel: self,
            waiter: self.putters.waiter(Putter(self)),
            value: Cell::new(Some(value)),
        }
    }
}

/// Gets from a [`Channel`] if it is selected.
///
/// # Examples
///
/// See [`Channel::get_arm`].
#[must_use = "an arm does nothing unless a select waits for it"]
pub struct GetArm<'a, T> {
    channel: &'a Channel<T>,
    pub(crate) waiter: Waiter<'a, Getter<'a, T>>,
    got: Cell<Option<T>>,
}

impl<T> Arm for GetArm<'_, T> {
    type Output = Option<T>;

    fn commit(&self) -> bool {
        let channel = self.channel;
        let value = if channel.fair && self.waiter.is_woken() {
            channel.take_given()
        } else if channel.is_empty() && !channel.is_shut_down() {
            // Somebody came by. There is nothing to pass on.
            self.waiter.forget_wake_up();
            return false;
        } else {
            channel.take_value()
        };
        self.got.set(value);
        self.waiter.done();
        true
    }

    fn enter(&self) {
        // Who was woken since it looked must not wait for another wake-up.
        if self.waiter.is_woken() {
            return;
        }
        self.waiter.stay();
        if self.channel.fair {
            self.channel.lend_slots();
        } else {
            self.channel.invite();
        }
        if !self.channel.is_empty() || self.channel.is_shut_down() {
            coro::current().ready();
        }
    }

    fn quit(&self) {
        self.waiter.quit();
    }

    fn is_stranded(&self) -> bool {
        self.waiter.is_stranded()
    }

    fn what(&self) -> Made {
        self.channel.getters.what()
    }

    fn take(self) -> Option<T> {
        self.got.take()
    }
}

impl<T> fmt::Debug for GetArm<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GetArm").field(self.channel).finish()
    }
}

/// Puts into a [`Channel`] if it is selected.
///
/// # Examples
///
/// See [`Channel::put_arm`].
#[must_use = "an arm does nothing unless a select waits for it"]
pub struct PutArm<'a, T> {
    channel: &'a Channel<T>,
    pub(crate) waiter: Waiter<'a, Putter<'a, T>>,
    value: Cell<Option<T>>,
}

impl<T> PutArm<'_, T> {
    /// Returns the value, if it was not put.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let channel = coro_channel::Channel::bounded(0);
    /// assert_eq!(channel.put_arm(1).into_value(), Some(1));
    /// ```
    #[must_use]
    pub fn into_value(self) -> Option<T> {
        self.value.take()
    }

    /// Returns `true` if the value may go in; what was lent to this arm is given back.
    fn may_put(&self) -> bool {
        let channel = self.channel;
        if !channel.fair {
            return channel.slots.get() > 0 || !channel.getters.is_empty();
        }
        if self.waiter.is_woken() {
            self.waiter.done();
            channel.take_back_slot();
            return channel.has_room();
        }
        channel.may_put()
    }
}

impl<T> Arm for PutArm<'_, T> {
    type Output = ();

    fn commit(&self) -> bool {
        if !self.may_put() {
            self.waiter.forget_wake_up();
            return false;
        }
        self.waiter.done();
        let Some(value) = self.value.take() else {
            panic!("an arm that was selected before cannot be selected again");
        };
        if self.channel.fair {
            self.channel.place(value);
        } else {
            self.channel.store(value);
            self.channel.take_slot();
        }
        true
    }

    fn enter(&self) {
        let channel = self.channel;
        if self.waiter.is_woken() {
            return;
        }
        self.waiter.stay();
        if channel.slots.get() > 0 && channel.lent.get() == 0 {
            coro::current().ready();
        }
    }

    fn quit(&self) {
        self.waiter.quit();
    }

    fn is_stranded(&self) -> bool {
        self.waiter.is_stranded()
    }

    fn what(&self) -> Made {
        self.channel.putters.what()
    }

    fn take(self) {}
}

impl<T> fmt::Debug for PutArm<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PutArm").field(self.channel).finish()
    }
}

/// Returns an arm that is selected when `coro` has ended.
///
/// # Switches
///
/// Never. The select does.
///
/// # Examples
///
/// ```
/// use coro_channel::{Channel, join_arm, select};
/// let answers = Channel::<i32>::unbounded();
/// let c = coro::spawn(|| ());
/// select! {
///     _ = answers.get_arm() => unreachable!(),
///     _ = join_arm(&c) => assert!(c.is_finished()),
/// }
/// ```
pub fn join_arm(coro: &Coro) -> JoinArm<'_> {
    JoinArm {
        coro,
        joiner: Cell::new(None),
    }
}

/// Waits for the end of a coro.
///
/// # Examples
///
/// See [`join_arm`].
#[must_use = "an arm does nothing unless a select waits for it"]
pub struct JoinArm<'a> {
    coro: &'a Coro,
    joiner: Cell<Option<Joiner<'a>>>,
}

impl Arm for JoinArm<'_> {
    type Output = ();

    fn commit(&self) -> bool {
        let ended = self.coro.is_finished();
        if ended {
            self.quit();
        }
        ended
    }

    fn enter(&self) {
        let joiner = self.joiner.take();
        self.joiner.set(joiner.or_else(|| Some(self.coro.joiner())));
        if self.coro.is_finished() {
            coro::current().ready();
        }
    }

    fn quit(&self) {
        drop(self.joiner.take());
    }

    fn is_stranded(&self) -> bool {
        self.coro.is_finished()
    }

    fn what(&self) -> Made {
        ("join", None)
    }

    fn take(self) {}
}

impl fmt::Debug for JoinArm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JoinArm").field(self.coro).finish()
    }
}
