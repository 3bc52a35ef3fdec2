//! Coro-local slots: what `coro-specific` is built on.

use std::any::Any;
use std::fmt;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use crate::control::Control;
use crate::kernel::Kernel;
use crate::locals::{List, Local};
use crate::passage::quietly;
use crate::root;
use crate::state::BEQUEATHS;

/// A place for one value in every coro of this OS thread.
///
/// Values are dropped when their coro ends, in its context: a destructor may block, and may use this
/// slot and others; what it puts in is dropped too, again and again until nothing is left. A coro that
/// never ran has values if it inherited them; they are dropped where it is cancelled. A value that a
/// coro puts in while its destroy handlers run is dropped after those.
///
/// When a slot is dropped, all its values go, here, the newest first. At the end of an OS thread
/// nothing is dropped: values of main, and of coros that are left, are leaked.
///
/// Nothing takes longer for the coros, slots and values that have nothing to do with it, but for this:
/// when there are many slots at one time, those that are made later are found in a few more steps.
/// Four are found in the shortest way.
///
/// The crate `coro-specific` has the typed form.
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
pub struct LocalSlot {
    index: usize,
    key: u64,
    inherited: bool,
    /// The places with its values, which are of one OS thread.
    places: Rc<List>,
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
        LocalSlot::make(false)
    }

    /// Returns a slot whose values are inherited: a new coro starts with the value, not a copy, that
    /// the coro has which makes it.
    ///
    /// Spawning takes longer for a coro that has such values, and for no other.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// let slot = Rc::new(coro::LocalSlot::inherited());
    /// slot.replace(Some(Rc::new(1)));
    /// let theirs = slot.clone();
    /// let c = coro::spawn(move || *theirs.get().unwrap().downcast::<i32>().unwrap());
    /// slot.replace(None);
    /// assert_eq!(c.join().unwrap(), 1);
    /// ```
    #[must_use]
    pub fn inherited() -> LocalSlot {
        LocalSlot::make(true)
    }

    fn make(inherited: bool) -> LocalSlot {
        let k = root::kernel();
        let mut free = k.free_slots.take();
        let index = free.pop().unwrap_or_else(|| {
            k.slots.set(k.slots.get() + 1);
            k.slots.get() - 1
        });
        k.free_slots.set(free);
        k.slot_keys.set(k.slot_keys.get() + 1);
        LocalSlot {
            index,
            key: k.slot_keys.get(),
            inherited,
            places: Rc::default(),
        }
    }

    /// The place in this coro, if it has a value.
    #[inline(always)]
    fn find<'a>(&self, c: &'a Control) -> Option<&'a Local> {
        c.rare_if_any()?.locals.find(self.index, self.key)
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
        self.find(root::kernel().current())?.get()
    }

    /// Returns the number that was [`put`](LocalSlot::put) in with the current coro's value.
    ///
    /// This is faster than to look at the value.
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
    /// assert_eq!(slot.note(), None);
    /// slot.put(Rc::new("a value"), 7);
    /// assert_eq!(slot.note(), Some(7));
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn note(&self) -> Option<u32> {
        Some(self.find(root::kernel().current())?.note.get())
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
        match value {
            Some(value) => self.put(value, 0),
            None => self.find(root::kernel().current())?.take(),
        }
    }

    /// Puts `value` into the current coro's place, with a number, and returns the value that was there.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`note`](LocalSlot::note).
    pub fn put(&self, value: Rc<dyn Any>, note: u32) -> Option<Rc<dyn Any>> {
        let c = root::kernel().current();
        let local = self.find(c).unwrap_or_else(|| self.begin(c));
        local.note.set(note);
        local.value.replace(Some(value))
    }

    /// Returns the place in this coro, which has no value yet.
    fn begin<'a>(&self, c: &'a Control) -> &'a Local {
        if self.inherited {
            c.set(BEQUEATHS);
        }
        let locals = &c.rare().locals;
        locals.begin(self.index, self.key, &self.places, self.inherited)
    }
}

impl fmt::Debug for LocalSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSlot")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

impl Default for LocalSlot {
    fn default() -> Self {
        LocalSlot::new()
    }
}

impl Drop for LocalSlot {
    fn drop(&mut self) {
        let k = Kernel::get();
        if k.is_over() {
            // The values stay with their coros, and are leaked with them, and so is what they point to.
            if self.places.first().is_some() {
                let _leaked = ManuallyDrop::new(Rc::clone(&self.places));
            }
            return;
        }
        let mut values = Vec::new();
        while let Some(place) = self.places.first() {
            values.extend(place.take());
        }
        let mut free = k.free_slots.take();
        free.push(self.index);
        k.free_slots.set(free);
        // Now that all is said and done: destructors may do anything. The first panic is passed on.
        let mut panicked = None;
        for value in values {
            match catch_unwind(AssertUnwindSafe(|| drop(value))) {
                Err(payload) if panicked.is_none() => panicked = Some(payload),
                Err(payload) => quietly(|| drop(payload)),
                Ok(()) => {}
            }
        }
        if let Some(payload) = panicked {
            resume_unwind(payload);
        }
    }
}
