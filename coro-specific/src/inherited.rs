//! The variable that coros inherit.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use coro::LocalSlot;

/// A variable whose value a new coro inherits from the one that makes it.
///
/// A coro starts with the value that its maker has at the call of `spawn`, `build` or
/// [`Scope::spawn`](coro::Scope::spawn). That is the same value, not a copy; it is never changed in
/// place, and it is dropped when the last coro that has it sets another or ends, in the context of
/// that one. What either of them sets afterwards, the other does not see.
///
/// A coro that has such values spawns others more slowly, by an allocation and some ten nanoseconds;
/// one that has none does not.
///
/// # Examples
///
/// ```
/// use coro_specific::Inherited;
/// use std::rc::Rc;
///
/// let request = Rc::new(Inherited::new());
/// request.set("request 7");
/// let theirs = request.clone();
/// let c = coro::spawn(move || theirs.get().unwrap());
/// request.set("request 8");
/// assert_eq!(*c.join().unwrap(), "request 7");
/// ```
///
/// # Source
///
/// New here; Java's `InheritableThreadLocal`.
#[doc(alias = "InheritableThreadLocal")]
pub struct Inherited<T> {
    slot: LocalSlot,
    marker: PhantomData<Rc<T>>,
}

impl<T: 'static> Inherited<T> {
    /// Returns a variable that has no value in any coro.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Inherited::<u8>::new();
    /// assert_eq!(variable.get(), None);
    /// ```
    #[must_use]
    pub fn new() -> Inherited<T> {
        Inherited {
            slot: LocalSlot::inherited(),
            marker: PhantomData,
        }
    }

    fn of(value: Option<Rc<dyn Any>>) -> Option<Rc<T>> {
        value?.downcast().ok()
    }

    /// Returns the current coro's value.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Inherited::new();
    /// variable.set(1);
    /// assert_eq!(variable.get().as_deref(), Some(&1));
    /// ```
    #[inline]
    #[must_use]
    pub fn get(&self) -> Option<Rc<T>> {
        Inherited::of(self.slot.get())
    }

    /// Calls `f` with a reference to the current coro's value, which stays the same if `f` sets another.
    ///
    /// # Switches
    ///
    /// If `f` does, or if it has made away with the value and the `Drop` of `T` does.
    ///
    /// # Cancel safety
    ///
    /// The value is not affected.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Inherited::new();
    /// variable.set(String::from("text"));
    /// assert_eq!(variable.with(|value| value.map(String::len)), Some(4));
    /// ```
    pub fn with<R>(&self, f: impl FnOnce(Option<&T>) -> R) -> R {
        f(self.get().as_deref())
    }

    /// Sets the current coro's value; the old one is dropped, if no other coro has it.
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
    /// let variable = coro_specific::Inherited::new();
    /// variable.set(1);
    /// variable.set(2);
    /// assert_eq!(variable.get().as_deref(), Some(&2));
    /// ```
    pub fn set(&self, value: T) {
        drop(self.replace(value));
    }

    /// Sets the current coro's value and returns the old one.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Inherited::new();
    /// assert_eq!(variable.replace(1), None);
    /// assert_eq!(variable.replace(2).as_deref(), Some(&1));
    /// ```
    pub fn replace(&self, value: T) -> Option<Rc<T>> {
        Inherited::of(self.slot.replace(Some(Rc::new(value))))
    }

    /// Takes the current coro's value, and leaves none.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Inherited::new();
    /// variable.set(1);
    /// assert_eq!(variable.take().as_deref(), Some(&1));
    /// assert_eq!(variable.take(), None);
    /// ```
    #[must_use = "to drop the value, use `drop`"]
    pub fn take(&self) -> Option<Rc<T>> {
        Inherited::of(self.slot.replace(None))
    }
}

impl<T: 'static> Default for Inherited<T> {
    fn default() -> Self {
        Inherited::new()
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for Inherited<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Inherited").field(&self.get()).finish()
    }
}
