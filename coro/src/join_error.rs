//! Why a coro has no result.

use std::any::Any;
use std::fmt;

use crate::hooks::End;
use crate::stack::NoStack;

/// Why a coro ended without a result.
///
/// # Examples
///
/// ```
/// let c = coro::spawn(|| coro::schedule());
/// coro::cede();
/// c.cancel();
/// let error = c.join().unwrap_err();
/// assert!(error.is_cancelled());
/// assert_eq!(error.to_string(), "coro was cancelled");
/// ```
pub struct JoinError(Box<Failure>);

/// What ended the coro.
pub(crate) enum Failure {
    /// A cancel, with the value of `cancel_with` if there was one.
    Cancelled(Option<Box<dyn Any>>),
    /// A panic of its own.
    Panicked(Box<dyn Any + Send>),
    /// A throw that it did not catch.
    Thrown(Box<dyn Any + Send>),
    /// It never ran, for want of a stack.
    NoStack(NoStack),
}

impl JoinError {
    pub(crate) fn new(failure: Failure) -> JoinError {
        JoinError(Box::new(failure))
    }

    pub(crate) fn how(&self) -> End {
        match *self.0 {
            Failure::Cancelled(_) => End::Cancelled,
            Failure::Panicked(_) => End::Panicked,
            Failure::Thrown(_) => End::Thrown,
            Failure::NoStack(_) => End::NoStack,
        }
    }

    /// Returns `true` if the coro was cancelled.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| 1);
    /// c.cancel();
    /// assert!(c.join().unwrap_err().is_cancelled());
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(*self.0, Failure::Cancelled(_))
    }

    /// Returns `true` if the coro ended by a panic of its own.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| std::panic::resume_unwind(Box::new("oh")));
    /// assert!(c.join().unwrap_err().is_panic());
    /// ```
    #[must_use]
    pub fn is_panic(&self) -> bool {
        matches!(*self.0, Failure::Panicked(_))
    }

    /// Returns `true` if the coro ended by a [`throw`](crate::Coro::throw) that it did not catch.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| 1);
    /// c.throw("stop");
    /// assert!(c.join().unwrap_err().is_thrown());
    /// ```
    #[must_use]
    pub fn is_thrown(&self) -> bool {
        matches!(*self.0, Failure::Thrown(_))
    }

    /// Returns `true` if the coro never ran because there was no stack for it.
    ///
    /// The text of the error says which system call failed, and names `vm.max_map_count` if that
    /// may be the limit.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| 1);
    /// c.cancel();
    /// assert!(!c.join().unwrap_err().is_no_stack());
    /// ```
    #[must_use]
    pub fn is_no_stack(&self) -> bool {
        matches!(*self.0, Failure::NoStack(_))
    }

    /// Returns the payload of the panic or of the throw.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Panics
    ///
    /// If the coro ended by neither.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| 1);
    /// c.throw(7_u8);
    /// let payload = c.join().unwrap_err().into_panic();
    /// assert_eq!(*payload.downcast::<u8>().unwrap(), 7);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn into_panic(self) -> Box<dyn Any + Send> {
        match *self.0 {
            Failure::Panicked(payload) | Failure::Thrown(payload) => payload,
            failure => panic!(
                "into_panic: the coro ended by no panic: {}",
                JoinError::new(failure)
            ),
        }
    }

    /// Returns the value that the canceller gave with
    /// [`cancel_with`](crate::JoinHandle::cancel_with), if there is one of this type.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| 1);
    /// c.cancel_with(2);
    /// assert_eq!(c.join().unwrap_err().into_value::<i32>(), Some(2));
    /// ```
    #[must_use]
    pub fn into_value<T: 'static>(self) -> Option<T> {
        match *self.0 {
            Failure::Cancelled(Some(value)) => value.downcast().ok().map(|value| *value),
            _ => None,
        }
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinError({self})")
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Failure::Cancelled(_) => f.write_str("coro was cancelled"),
            Failure::Panicked(payload) => describe(f, "coro panicked", &**payload),
            Failure::Thrown(payload) => describe(f, "coro was thrown into", &**payload),
            Failure::NoStack(why) => write!(f, "coro never ran: {why}"),
        }
    }
}

impl std::error::Error for JoinError {}

/// Writes `what` and the payload's text, if it is text as `panic!` makes it.
fn describe(f: &mut fmt::Formatter<'_>, what: &str, payload: &(dyn Any + Send)) -> fmt::Result {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    match text {
        Some(text) => write!(f, "{what}: {text}"),
        None => f.write_str(what),
    }
}
