//! Statics with a value of their own in every coro.

use std::cell::{Cell, Ref, RefCell};
use std::fmt;

use crate::Specific;

/// Declares statics with a value of their own in every coro, as `std::thread_local!` does for OS
/// threads.
///
/// Each is a [`LocalKey`]. Attributes and visibilities are taken over. An OS thread that uses one
/// keeps some KiB for it when it ends.
///
/// # Examples
///
/// ```
/// use coro_specific::coro_local;
/// use std::cell::{Cell, RefCell};
///
/// coro_local! {
///     static DEPTH: Cell<u32> = Cell::new(0);
///     /// What this coro has said.
///     pub static SAID: RefCell<Vec<&'static str>> = RefCell::new(Vec::new());
/// }
///
/// DEPTH.set(1);
/// SAID.with_borrow_mut(|said| said.push("main"));
/// coro::spawn(|| {
///     assert_eq!(DEPTH.get(), 0);
///     assert!(SAID.take().is_empty());
/// })
/// .join()
/// .unwrap();
/// assert_eq!((DEPTH.get(), SAID.take()), (1, vec!["main"]));
/// ```
///
/// # Source
///
/// `std::thread_local`.
#[macro_export]
macro_rules! coro_local {
    () => {};
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty = $init:expr; $($rest:tt)*) => {
        $crate::coro_local!($(#[$attribute])* $visibility static $name: $type = $init);
        $crate::coro_local!($($rest)*);
    };
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty = $init:expr) => {
        $(#[$attribute])*
        $visibility static $name: $crate::LocalKey<$type> = {
            fn init() -> $type {
                $init
            }
            fn variable() -> &'static $crate::Specific<$type> {
                ::std::thread_local! {
                    static VARIABLE: $crate::hidden::Place<$type> =
                        const { $crate::hidden::Place::new() };
                }
                VARIABLE.with(|place| place.variable(init))
            }
            $crate::hidden::key(variable)
        };
    };
}

const HAS_VALUE: &str = "a variable with an initialiser has a value when that has returned";

/// A static with a value of its own in every coro: what [`coro_local!`](crate::coro_local) declares.
///
/// A coro's value is made when that coro first asks for it, in its context; the initialiser may
/// switch. It is dropped when the coro ends, in its context too. If a destructor asks again then, it
/// gets a new value, which is dropped in turn. Main's value is never dropped, nor are those of coros
/// that are alive when their OS thread ends. Each OS thread has coros of its own, so it has values of
/// its own.
///
/// For each OS thread that uses it, the static keeps about a kilobyte for ever.
///
/// # Examples
///
/// See [`coro_local!`](crate::coro_local).
///
/// # Source
///
/// `std::thread::LocalKey`.
pub struct LocalKey<T: 'static> {
    pub(crate) variable: fn() -> &'static Specific<T>,
}

impl<T: 'static> LocalKey<T> {
    /// Calls `f` with a reference to the current coro's value.
    ///
    /// # Switches
    ///
    /// If `f` does, or the initialiser.
    ///
    /// # Cancel safety
    ///
    /// The value is not affected. If the initialiser is interrupted, it runs again at the next access.
    ///
    /// # Panics
    ///
    /// In the initialiser of the same static, in the same coro.
    ///
    /// # Examples
    ///
    /// ```
    /// coro_specific::coro_local! {
    ///     static NAME: String = String::from("nobody");
    /// }
    /// assert_eq!(NAME.with(|name| name.len()), 6);
    /// ```
    #[inline]
    #[track_caller]
    pub fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
        (self.variable)().with(|value| f(value.expect(HAS_VALUE)))
    }

    /// The current coro's value, which the initialiser makes if need be.
    #[inline(always)]
    #[track_caller]
    fn borrow(&'static self) -> Ref<'static, T> {
        (self.variable)().borrow().expect(HAS_VALUE)
    }
}

impl<T: 'static> LocalKey<Cell<T>> {
    /// Sets the current coro's value; the old one is dropped. The initialiser is not run.
    ///
    /// # Switches
    ///
    /// If the `Drop` of `T` does.
    ///
    /// # Cancel safety
    ///
    /// The value is set before the old one is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// coro_specific::coro_local! {
    ///     static COUNT: std::cell::Cell<u32> = panic!("set first");
    /// }
    /// COUNT.set(1);
    /// assert_eq!(COUNT.get(), 1);
    /// ```
    #[inline]
    pub fn set(&'static self, value: T) {
        let variable = (self.variable)();
        let Some(cell) = variable.borrow_if_any() else {
            return variable.set(Cell::new(value));
        };
        let old = cell.replace(value);
        drop(cell);
        drop(old);
    }

    /// Returns a copy of the current coro's value.
    ///
    /// # Switches
    ///
    /// If the initialiser does.
    ///
    /// # Cancel safety
    ///
    /// As [`with`](LocalKey::with).
    ///
    /// # Panics
    ///
    /// As [`with`](LocalKey::with).
    ///
    /// # Examples
    ///
    /// ```
    /// coro_specific::coro_local! {
    ///     static COUNT: std::cell::Cell<u32> = std::cell::Cell::new(1);
    /// }
    /// assert_eq!(COUNT.get(), 1);
    /// ```
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn get(&'static self) -> T
    where
        T: Copy,
    {
        self.with(Cell::get)
    }

    /// Takes the current coro's value, and leaves the default.
    ///
    /// # Switches
    ///
    /// If the initialiser does, or the `Default` of `T`.
    ///
    /// # Cancel safety
    ///
    /// As [`with`](LocalKey::with).
    ///
    /// # Panics
    ///
    /// As [`with`](LocalKey::with).
    ///
    /// # Examples
    ///
    /// ```
    /// coro_specific::coro_local! {
    ///     static COUNT: std::cell::Cell<u32> = std::cell::Cell::new(1);
    /// }
    /// assert_eq!((COUNT.take(), COUNT.take()), (1, 0));
    /// ```
    #[track_caller]
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.borrow().take()
    }

    /// Sets the current coro's value, and returns the old one.
    ///
    /// # Switches
    ///
    /// If the initialiser does.
    ///
    /// # Cancel safety
    ///
    /// As [`with`](LocalKey::with).
    ///
    /// # Panics
    ///
    /// As [`with`](LocalKey::with).
    ///
    /// # Examples
    ///
    /// ```
    /// coro_specific::coro_local! {
    ///     static COUNT: std::cell::Cell<u32> = std::cell::Cell::new(1);
    /// }
    /// assert_eq!((COUNT.replace(2), COUNT.replace(3)), (1, 2));
    /// ```
    #[track_caller]
    pub fn replace(&'static self, value: T) -> T {
        self.borrow().replace(value)
    }
}

impl<T: 'static> LocalKey<RefCell<T>> {
    /// Calls `f` with a shared borrow of the current coro's value.
    ///
    /// # Switches
    ///
    /// If `f` does, or the initialiser.
    ///
    /// # Cancel safety
    ///
    /// As [`with`](LocalKey::with).
    ///
    /// # Panics
    ///
    /// If the value is mutably borrowed; and as [`with`](LocalKey::with).
    ///
    /// # Examples
    ///
    /// ```
    /// coro_specific::coro_local! {
    ///     static NAME: std::cell::RefCell<String> = Default::default();
    /// }
    /// assert!(NAME.with_borrow(String::is_empty));
    /// ```
    #[track_caller]
    pub fn with_borrow<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
        f(&self.borrow().borrow())
    }

    /// Calls `f` with a mutable borrow of the current coro's value.
    ///
    /// # Switches
    ///
    /// If `f` does, or the initialiser.
    ///
    /// # Cancel safety
    ///
    /// As [`with`](LocalKey::with).
    ///
    /// # Panics
    ///
    /// If the value is borrowed; and as [`with`](LocalKey::with).
    ///
    /// # Examples
    ///
    /// ```
    /// coro_specific::coro_local! {
    ///     static NAME: std::cell::RefCell<String> = Default::default();
    /// }
    /// NAME.with_borrow_mut(|name| name.push('x'));
    /// assert_eq!(NAME.take(), "x");
    /// ```
    #[track_caller]
    pub fn with_borrow_mut<R>(&'static self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.borrow().borrow_mut())
    }

    /// Sets the current coro's value; the old one is dropped. The initialiser is not run.
    ///
    /// # Switches
    ///
    /// If the `Drop` of `T` does.
    ///
    /// # Cancel safety
    ///
    /// The value is set before the old one is dropped.
    ///
    /// # Panics
    ///
    /// If the value is borrowed.
    ///
    /// # Examples
    ///
    /// ```
    /// coro_specific::coro_local! {
    ///     static NAME: std::cell::RefCell<&'static str> = panic!("set first");
    /// }
    /// NAME.set("x");
    /// assert_eq!(NAME.replace("y"), "x");
    /// ```
    #[track_caller]
    pub fn set(&'static self, value: T) {
        let variable = (self.variable)();
        let Some(cell) = variable.borrow_if_any() else {
            return variable.set(RefCell::new(value));
        };
        let old = cell.replace(value);
        drop(cell);
        drop(old);
    }

    /// Takes the current coro's value, and leaves the default.
    ///
    /// # Switches
    ///
    /// If the initialiser does, or the `Default` of `T`.
    ///
    /// # Cancel safety
    ///
    /// As [`with`](LocalKey::with).
    ///
    /// # Panics
    ///
    /// If the value is borrowed; and as [`with`](LocalKey::with).
    ///
    /// # Examples
    ///
    /// ```
    /// coro_specific::coro_local! {
    ///     static NAMES: std::cell::RefCell<Vec<u8>> = std::cell::RefCell::new(vec![1]);
    /// }
    /// assert_eq!((NAMES.take(), NAMES.take()), (vec![1], vec![]));
    /// ```
    #[track_caller]
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.borrow().take()
    }

    /// Sets the current coro's value, and returns the old one.
    ///
    /// # Switches
    ///
    /// If the initialiser does.
    ///
    /// # Cancel safety
    ///
    /// As [`with`](LocalKey::with).
    ///
    /// # Panics
    ///
    /// If the value is borrowed; and as [`with`](LocalKey::with).
    ///
    /// # Examples
    ///
    /// ```
    /// coro_specific::coro_local! {
    ///     static NAME: std::cell::RefCell<u8> = std::cell::RefCell::new(1);
    /// }
    /// assert_eq!((NAME.replace(2), NAME.replace(3)), (1, 2));
    /// ```
    #[track_caller]
    pub fn replace(&'static self, value: T) -> T {
        self.borrow().replace(value)
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}
