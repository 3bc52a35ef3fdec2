//! The variable.

use std::any::Any;
use std::cell::{Cell, Ref, RefMut};
use std::fmt;
use std::rc::Rc;

use coro::LocalSlot;

use crate::home::{Home, Place};

/// A variable with a value of its own in every coro.
///
/// A value is dropped when its coro ends, in the context of that coro: its destructor may block, and
/// what it puts into variables is dropped too, until nothing is left. Values are dropped with the
/// variable as well. At the end of an OS thread, those of main and of coros that are left are leaked.
///
/// # Examples
///
/// See [the crate's page](crate).
///
/// # Source
///
/// Coro 6.57, `Coro::Specific`; the initialiser: `std::thread_local`.
#[doc(alias = "LocalKey")]
pub struct Specific<T> {
    slot: LocalSlot,
    home: Rc<Home<T>>,
    init: Option<Box<dyn Fn() -> T>>,
}

impl<T: 'static> Specific<T> {
    /// Returns a variable that has no value in any coro.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Specific::<u8>::new();
    /// assert_eq!(variable.get(), None);
    /// ```
    #[must_use]
    pub fn new() -> Specific<T> {
        Specific {
            slot: LocalSlot::new(),
            home: Rc::new(Home::new()),
            init: None,
        }
    }

    /// Returns a variable that gets its value in each coro from `init`, when that coro first asks.
    ///
    /// The initialiser runs in that coro, if [`get`](Specific::get) or [`with`](Specific::with) finds
    /// no value: at first, again when it has panicked, and again after [`take`](Specific::take). It may
    /// switch. It may use the variable, but not ask for the value that it is to make; one that it sets
    /// is replaced.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_specific::Specific;
    /// use std::rc::Rc;
    ///
    /// let id = Rc::new(Specific::with_init(|| coro::current().id()));
    /// let theirs = id.clone();
    /// let c = coro::spawn(move || theirs.get());
    /// assert_eq!(id.get(), Some(0));
    /// assert_eq!(c.id(), c.join().unwrap().unwrap());
    /// ```
    #[must_use]
    pub fn with_init(init: impl Fn() -> T + 'static) -> Specific<T> {
        Specific {
            init: Some(Box::new(init)),
            ..Specific::new()
        }
    }

    /// The current coro's place, if it has one.
    #[inline(always)]
    fn place(&self) -> Option<&Place<T>> {
        self.home.place(self.slot.note()?)
    }

    /// The current coro's place, which is made if need be.
    #[cold]
    #[inline(never)]
    fn make_place(&self) -> &Place<T> {
        if let Some(place) = self.place() {
            return place;
        }
        let lease = Rc::new(self.home.lease());
        let number = lease.number;
        self.slot.put(lease as Rc<dyn Any>, number);
        self.home.place(number).expect("V1: it was leased")
    }

    /// Lends the current coro's value, if it has one.
    #[inline(always)]
    pub(crate) fn borrow_if_any(&self) -> Option<Ref<'_, T>> {
        Ref::filter_map(self.place()?.value.borrow(), Option::as_ref).ok()
    }

    /// Lends the current coro's value, which the initialiser makes if need be.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn borrow(&self) -> Option<Ref<'_, T>> {
        match self.borrow_if_any() {
            None => self.begin(),
            value => value,
        }
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn begin(&self) -> Option<Ref<'_, T>> {
        let init = self.init.as_ref()?;
        let place = self.make_place();
        assert!(
            !place.is_beginning.replace(true),
            "the initialiser of a coro-local variable asks for the value that it is to make"
        );
        let beginning = Beginning(&place.is_beginning);
        let value = init();
        drop(beginning);
        let old = Specific::borrow_mut(place).replace(value);
        drop(old);
        self.borrow_if_any()
    }

    /// Lends the current coro's place for a change.
    #[track_caller]
    fn borrow_mut(place: &Place<T>) -> RefMut<'_, Option<T>> {
        match place.value.try_borrow_mut() {
            Ok(value) => value,
            Err(_) => panic!("cannot change a coro-local variable inside its `with`"),
        }
    }

    /// Calls `f` with a reference to the current coro's value.
    ///
    /// # Switches
    ///
    /// If `f` does, or the initialiser.
    ///
    /// # Cancel safety
    ///
    /// The value is not affected.
    ///
    /// # Panics
    ///
    /// In the initialiser of the same variable, in the same coro.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Specific::new();
    /// variable.set(String::from("text"));
    /// assert_eq!(variable.with(|value| value.map(String::len)), Some(4));
    /// ```
    #[inline]
    #[track_caller]
    pub fn with<R>(&self, f: impl FnOnce(Option<&T>) -> R) -> R {
        // Said in this way, the count of a short borrow costs nothing: the compiler sees it come and go.
        if let Some(place) = self.place() {
            let value = place.value.borrow();
            if let Some(value) = &*value {
                return f(Some(value));
            }
        }
        f(self.begin().as_deref())
    }

    /// Returns a clone of the current coro's value.
    ///
    /// # Switches
    ///
    /// If the `Clone` of `T` does, or the initialiser.
    ///
    /// # Cancel safety
    ///
    /// The value is not affected.
    ///
    /// # Panics
    ///
    /// In the initialiser of the same variable, in the same coro.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Specific::new();
    /// variable.set(1);
    /// assert_eq!(variable.get(), Some(1));
    /// ```
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn get(&self) -> Option<T>
    where
        T: Clone,
    {
        self.with(|value| value.cloned())
    }

    /// Sets the current coro's value; the old one is dropped.
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
    /// Inside [`with`](Specific::with) of the same variable, in the same coro.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Specific::new();
    /// variable.set(1);
    /// variable.set(2);
    /// assert_eq!(variable.get(), Some(2));
    /// ```
    #[inline]
    #[track_caller]
    pub fn set(&self, value: T) {
        drop(self.replace(value));
    }

    /// Sets the current coro's value and returns the old one, if there is one.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Panics
    ///
    /// Inside [`with`](Specific::with) of the same variable, in the same coro.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Specific::new();
    /// assert_eq!(variable.replace(1), None);
    /// assert_eq!(variable.replace(2), Some(1));
    /// ```
    #[inline]
    #[track_caller]
    pub fn replace(&self, value: T) -> Option<T> {
        let place = match self.place() {
            Some(place) => place,
            None => self.make_place(),
        };
        Specific::borrow_mut(place).replace(value)
    }

    /// Takes the current coro's value, if there is one, and leaves none.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Panics
    ///
    /// Inside [`with`](Specific::with) of the same variable, in the same coro.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Specific::new();
    /// variable.set(1);
    /// assert_eq!(variable.take(), Some(1));
    /// assert_eq!(variable.take(), None);
    /// ```
    #[must_use = "to drop the value, use `drop`"]
    #[track_caller]
    pub fn take(&self) -> Option<T> {
        Specific::borrow_mut(self.place()?).take()
    }
}

impl<T: 'static> Default for Specific<T> {
    fn default() -> Self {
        Specific::new()
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for Specific<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple("Specific");
        // What is there: nothing is made for this.
        match self.place().and_then(|place| place.value.try_borrow().ok()) {
            Some(value) => tuple.field(&*value).finish(),
            None => tuple.field(&None::<T>).finish(),
        }
    }
}

/// While it lives, an initialiser runs.
struct Beginning<'a>(&'a Cell<bool>);

impl Drop for Beginning<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}
