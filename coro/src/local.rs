//! Coro-local slots: what `coro-specific` is built on.

use std::any::Any;
use std::marker::PhantomData;
use std::rc::Rc;

use crate::control::Control;
use crate::root;

/// A place for one value in every coro of this OS thread.
///
/// Values are dropped when their coro ends, in its context, and when the slot is dropped. The crate
/// `coro-specific` has the typed form.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// let slot = Rc::new(coro::LocalSlot::new());
/// slot.replace(Some(Rc::new(1)));
/// let theirs = slot.clone();
/// coro::spawn(move || assert!(theirs.get().is_none())).join().unwrap();
/// assert_eq!(*slot.get().unwrap().downcast::<i32>().unwrap(), 1);
/// ```
///
/// # Source
///
/// Coro 6.57, `Coro::Specific`.
#[derive(Debug)]
pub struct LocalSlot {
    index: usize,
    /// The values are of one OS thread.
    marker: PhantomData<*mut ()>,
}

impl LocalSlot {
    /// Returns a slot that is empty in every coro.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro::LocalSlot::new().get().is_none());
    /// ```
    #[must_use]
    pub fn new() -> LocalSlot {
        let k = root::kernel();
        let mut free = k.free_slots.take();
        let index = free.pop().unwrap_or_else(|| {
            k.slots.set(k.slots.get() + 1);
            k.slots.get() - 1
        });
        k.free_slots.set(free);
        LocalSlot {
            index,
            marker: PhantomData,
        }
    }

    /// Returns the current coro's value.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`LocalSlot`].
    #[inline]
    #[must_use]
    pub fn get(&self) -> Option<Rc<dyn Any>> {
        let locals = &root::kernel().current().rare_if_any()?.locals;
        let values = locals.take();
        let value = values.get(self.index).cloned().flatten();
        locals.set(values);
        value
    }

    /// Puts `value` into the current coro's place and returns what was there.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// let slot = coro::LocalSlot::new();
    /// assert!(slot.replace(Some(Rc::new(1))).is_none());
    /// assert!(slot.replace(None).is_some());
    /// ```
    pub fn replace(&self, value: Option<Rc<dyn Any>>) -> Option<Rc<dyn Any>> {
        self.replace_in(root::kernel().current(), value)
    }

    fn replace_in(&self, c: &Control, value: Option<Rc<dyn Any>>) -> Option<Rc<dyn Any>> {
        if value.is_none() && c.rare_if_any().is_none() {
            return None;
        }
        let locals = &c.rare().locals;
        let mut values = locals.take();
        if value.is_some() && values.len() <= self.index {
            values.resize(self.index + 1, None);
        }
        let place = values.get_mut(self.index);
        let old = place.and_then(|place| std::mem::replace(place, value));
        locals.set(values);
        old
    }
}

impl Default for LocalSlot {
    fn default() -> Self {
        LocalSlot::new()
    }
}

impl Drop for LocalSlot {
    fn drop(&mut self) {
        let k = root::kernel();
        for coro in k.living.all() {
            drop(self.replace_in(coro.control(), None));
        }
        let mut free = k.free_slots.take();
        free.push(self.index);
        k.free_slots.set(free);
    }
}
