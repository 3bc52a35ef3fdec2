//! Waiting for values, slots, ends and selects, but not for ever: feature `time`.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use coro::{JoinError, Wait};
use coro_time::{Elapsed, Timer};
use coro_wait_queue::Arm;

use crate::{Channel, Dropped, JoinSet, OneshotReceiver, Select};

/// Waiting, but not for ever: feature `time`.
///
/// Who has it when the time is over, or is given it at that very moment, has it. Else the coro leaves
/// the queue, and what it was given passes on. With a limit of zero they do what
/// [`try_get`](Channel::try_get) and [`try_put`](Channel::try_put) do; one past all that an `Instant`
/// can be is for ever.
impl<T> Channel<T> {
    /// As [`get`](Channel::get), at most for `limit`. Needs the feature `time`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if there was no value, and the channel was not shut down. This is the only error.
    ///
    /// # Switches
    ///
    /// If the channel is empty and not shut down, and `limit` is above zero.
    ///
    /// # Cancel safety
    ///
    /// As [`get`](Channel::get).
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let _clock = coro_time::VirtualClock::install();
    /// let (channel, second) = (coro_channel::Channel::unbounded(), Duration::from_secs(1));
    /// channel.put(1);
    /// assert_eq!(channel.get_timeout(second), Ok(Some(1)));
    /// assert_eq!(channel.get_timeout(second), Err(coro_time::Elapsed));
    /// channel.shutdown();
    /// assert_eq!(channel.get_timeout(second), Ok(None));
    /// ```
    ///
    /// # Source
    ///
    /// New here; std's `recv_timeout`.
    #[doc(alias = "recv_timeout")]
    #[inline(always)]
    #[track_caller]
    pub fn get_timeout(&self, limit: Duration) -> Result<Option<T>, Elapsed> {
        let arm = self.get_arm();
        take_timeout(&arm, &arm.waiter, limit)?;
        Ok(arm.take())
    }

    /// Puts a value in when there is a free slot for it, or a coro waits for a value; blocks at most
    /// for `limit`. Needs the feature `time`.
    ///
    /// Nothing is stored before there is a slot, in both forms: so a value that could not be put in
    /// time is not in the channel, but in the error. [`put`](Channel::put) of the default form stores
    /// its value first, and waits afterwards.
    ///
    /// # Errors
    ///
    /// [`PutTimeoutError`], if the value was not put; it has the value. This is the only error.
    ///
    /// # Switches
    ///
    /// If no slot is free and no coro waits for a value, and `limit` is above zero. Readies a getter.
    ///
    /// # Cancel safety
    ///
    /// An interrupted put has not put, in both forms: its value is dropped. If it had been woken, the
    /// slot passes on.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let _clock = coro_time::VirtualClock::install();
    /// let (channel, second) = (coro_channel::Channel::bounded(1), Duration::from_secs(1));
    /// assert!(channel.put_timeout(1, second).is_ok());
    /// assert_eq!(channel.put_timeout(2, second).unwrap_err().0, 2);
    /// assert_eq!(channel.len(), 1);
    /// ```
    ///
    /// # Source
    ///
    /// New here; crossbeam-channel's `send_timeout`.
    #[doc(alias = "send_timeout")]
    #[inline(always)]
    #[track_caller]
    pub fn put_timeout(&self, value: T, limit: Duration) -> Result<(), PutTimeoutError<T>> {
        let arm = self.put_arm(value);
        match take_timeout(&arm, &arm.waiter, limit) {
            Ok(()) => Ok(()),
            Err(Elapsed) => {
                let value = arm.into_value();
                Err(PutTimeoutError(
                    value.expect("an arm that was not taken has its value"),
                ))
            }
        }
    }
}

/// Waiting, but not for ever: feature `time`.
impl<T> OneshotReceiver<T> {
    /// As [`get`](OneshotReceiver::get), at most for `limit`; the receiver can be asked again. Needs
    /// the feature `time`.
    ///
    /// Once the value was taken, it is as if the sender had been dropped. A limit of zero does not
    /// block, and one past all that an `Instant` can be is for ever.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if nothing was sent, and the sender is there. This is the only error, but within
    /// it there is [`Dropped`], if the sender was dropped.
    ///
    /// # Switches
    ///
    /// If the value was not sent, the sender is there, and `limit` is above zero.
    ///
    /// # Cancel safety
    ///
    /// An interrupted coro has taken nothing; the receiver is not affected.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let _clock = coro_time::VirtualClock::install();
    /// let (sender, receiver) = coro_channel::oneshot();
    /// assert!(receiver.get_timeout(Duration::from_secs(1)).is_err());
    /// sender.send(1).unwrap();
    /// assert_eq!(receiver.get_timeout(Duration::from_secs(1)), Ok(Ok(1)));
    /// ```
    ///
    /// # Source
    ///
    /// New here.
    #[doc(alias = "recv_timeout")]
    #[inline(always)]
    #[track_caller]
    pub fn get_timeout(&self, limit: Duration) -> Result<Result<T, Dropped>, Elapsed> {
        let arm = self.get_arm();
        take_timeout(&arm, &arm.waiter, limit)?;
        Ok(arm.take())
    }
}

/// Waiting, but not for ever: feature `time`.
impl<T> JoinSet<T> {
    /// As [`join_next`](JoinSet::join_next), at most for `limit`. Needs the feature `time`.
    ///
    /// The coros of the set go on in any case. A limit of zero does not block, and one past all that
    /// an `Instant` can be is for ever.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if no coro of the set has ended, and the set is not empty. This is the only error
    /// but those of the coros.
    ///
    /// # Switches
    ///
    /// If no coro of the set has ended, the set is not empty, and `limit` is above zero.
    ///
    /// # Cancel safety
    ///
    /// As [`join_next`](JoinSet::join_next).
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let _clock = coro_time::VirtualClock::install();
    /// let (set, second) = (coro_channel::JoinSet::new(), Duration::from_secs(1));
    /// set.spawn(move || coro_time::sleep(2 * second));
    /// assert!(set.join_next_timeout(second).is_err());
    /// assert!(set.join_next_timeout(second).unwrap().unwrap().is_ok());
    /// assert!(set.join_next_timeout(second).unwrap().is_none());
    /// ```
    ///
    /// # Source
    ///
    /// New here.
    #[inline(always)]
    #[track_caller]
    pub fn join_next_timeout(
        &self,
        limit: Duration,
    ) -> Result<Option<Result<T, JoinError>>, Elapsed> {
        let arm = self.join_next_arm();
        take_timeout(&arm, &arm.waiter, limit)?;
        Ok(arm.take())
    }
}

/// Waiting, but not for ever: feature `time`.
impl Select<'_> {
    /// As [`wait`](Select::wait), at most for `limit`. Needs the feature `time`.
    ///
    /// An arm that can be had when the time is over is taken. A limit of zero does not block, and one
    /// past all that an `Instant` can be is for ever. With the macro, make a timer the last arm.
    ///
    /// # Errors
    ///
    /// [`Elapsed`], if no arm was taken. This is the only error.
    ///
    /// # Switches
    ///
    /// If no arm can be had, and `limit` is above zero.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](Select::wait).
    ///
    /// # Panics
    ///
    /// If there are no arms, or if it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_channel::{Channel, Select, select};
    /// use std::time::Duration;
    ///
    /// let _clock = coro_time::VirtualClock::install();
    /// let (channel, second) = (Channel::<i32>::unbounded(), Duration::from_secs(1));
    /// assert!(Select::new(&[&channel.get_arm()]).wait_timeout(second).is_err());
    /// let got = select! {
    ///     biased; // a tie is the value's
    ///     value = channel.get_arm() => value,
    ///     () = coro_time::after(second) => None,
    /// };
    /// assert_eq!(got, None);
    /// ```
    ///
    /// # Source
    ///
    /// New here; crossbeam-channel's `select_timeout`.
    #[doc(alias = "select_timeout")]
    #[inline(always)]
    #[track_caller]
    pub fn wait_timeout(self, limit: Duration) -> Result<usize, Elapsed> {
        assert!(
            !self.arms.is_empty(),
            "a select without arms waits for ever"
        );
        coro::check();
        if let Some(index) = self.commit() {
            return Ok(index);
        }
        if limit.is_zero() {
            return Err(Elapsed);
        }
        let timer = Timer::after(limit);
        self.block(|| timer.is_due()).ok_or(Elapsed)
    }
}

/// Takes what the arm is for; blocks at most for `limit` while it cannot be had. The waiter is that of
/// the arm, which leaves its queue when it is dropped.
#[inline(always)]
#[track_caller]
fn take_timeout(arm: &impl Arm, waiter: &dyn Wait, limit: Duration) -> Result<(), Elapsed> {
    coro::check();
    if arm.commit() {
        return Ok(());
    }
    if limit.is_zero() {
        return Err(Elapsed);
    }
    let timer = Timer::after(limit);
    loop {
        arm.enter();
        coro::wait_for(waiter);
        if arm.commit() {
            return Ok(());
        }
        if timer.is_due() {
            return Err(Elapsed);
        }
    }
}

/// The time was over before there was a slot; gives the value back.
///
/// # Examples
///
/// ```
/// use coro_channel::{Channel, PutTimeoutError};
/// use std::time::Duration;
/// let put = Channel::bounded(0).put_timeout('x', Duration::ZERO);
/// assert_eq!(put, Err(PutTimeoutError('x')));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PutTimeoutError<T>(
    /// The value that was not put.
    pub T,
);

impl<T> fmt::Debug for PutTimeoutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PutTimeoutError(..)")
    }
}

impl<T> fmt::Display for PutTimeoutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time is over, and no slot of the channel was free")
    }
}

impl<T> Error for PutTimeoutError<T> {}
