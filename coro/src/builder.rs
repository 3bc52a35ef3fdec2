//! Making coros.

use std::panic::Location;
use std::rc::Rc;

use crate::hooks::Event;
use crate::join_handle::JoinHandle;
use crate::kernel::Kernel;
use crate::prio::Prio;
use crate::root;
use crate::stack;
use crate::state::kernel::OBSERVER;
use crate::state::{BEQUEATHS, NEW};
use crate::task::{self, Plan};

/// Makes a coro that calls `f`, and readies it.
///
/// Its stack is 256 KiB of address space, of which only touched pages cost memory; it is taken
/// from a pool at the first run. See [`Builder`] for other sizes.
///
/// # Switches
///
/// Never. Readies the new coro.
///
/// # Examples
///
/// ```
/// let c = coro::spawn(|| 6 * 7);
/// assert_eq!(c.join().unwrap(), 42);
/// ```
///
/// # Source
///
/// Coro 6.57, `async`.
#[doc(alias = "async")]
#[inline]
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + 'static,
    T: 'static,
{
    let k = root::kernel();
    let plan = Plan {
        flags: NEW,
        prio: Prio::NORMAL,
        stack_class: stack::DEFAULT_CLASS,
        spawned: Location::caller(),
    };
    let handle = JoinHandle::new(task::new(k, plan, f));
    enter(k, &handle);
    k.ready(handle.control());
    handle
}

/// Makes the new coro known.
#[inline]
pub(crate) fn enter(k: &'static Kernel, coro: &crate::control::Coro) {
    k.living.add(coro.control());
    if k.has(OBSERVER) | k.current().has(BEQUEATHS) {
        entered(k, coro);
    }
}

#[cold]
#[inline(never)]
fn entered(k: &'static Kernel, coro: &crate::control::Coro) {
    if let Some(parent) = k.current().rare_if_any()
        && k.current().has(BEQUEATHS)
        && coro.control().rare().locals.inherit(&parent.locals)
    {
        coro.control().set(BEQUEATHS);
    }
    if k.has(OBSERVER) {
        k.tell(&Event::Spawned { coro });
    }
}

/// Makes coros with a description, a priority, or a stack of another size.
///
/// # Examples
///
/// ```
/// use coro::{Builder, Prio};
///
/// let c = Builder::new()
///     .desc("fetch")
///     .prio(Prio::HIGH)
///     .stack_size(64 * 1024)
///     .spawn(|| coro::current().desc());
/// assert_eq!(c.join().unwrap().as_deref(), Some("fetch"));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder makes nothing until `spawn` or `build`"]
pub struct Builder {
    desc: Option<Rc<str>>,
    prio: Prio,
    stack_class: u8,
}

impl Builder {
    /// Returns a builder for a coro as [`spawn`] makes it.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::Builder::new().spawn(|| 1);
    /// assert_eq!(c.join().unwrap(), 1);
    /// ```
    pub fn new() -> Builder {
        Builder {
            desc: None,
            prio: Prio::NORMAL,
            stack_class: stack::DEFAULT_CLASS,
        }
    }

    /// Sets the description that listings show.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::Builder::new().desc("x").build(|| ());
    /// assert_eq!(c.desc().as_deref(), Some("x"));
    /// ```
    #[doc(alias = "name")]
    pub fn desc(mut self, desc: impl Into<Rc<str>>) -> Builder {
        self.desc = Some(desc.into());
        self
    }

    /// Sets the priority, with which the coro is queued the first time too.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro::{Builder, Prio};
    /// assert_eq!(Builder::new().prio(Prio::LOW).build(|| ()).prio(), Prio::LOW);
    /// ```
    pub fn prio(mut self, prio: Prio) -> Builder {
        self.prio = prio;
        self
    }

    /// Sets the size of the stack, in bytes of address space; a guard page comes on top.
    ///
    /// It is rounded up to a power of two, at least 16 KiB and at most 1 GiB. A panic with a
    /// backtrace needs some 24 KiB.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::Builder::new().stack_size(1024 * 1024).spawn(|| {
    ///     let big = std::hint::black_box([1_u8; 128 * 1024]);
    ///     big.len()
    /// });
    /// assert_eq!(c.join().unwrap(), 128 * 1024);
    /// ```
    pub fn stack_size(mut self, bytes: usize) -> Builder {
        self.stack_class = stack::class_of(bytes);
        self
    }

    /// Makes a coro that calls `f`, and readies it.
    ///
    /// # Switches
    ///
    /// Never. Readies the new coro.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::Builder::new().spawn(|| 1);
    /// assert!(c.is_ready());
    /// ```
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + 'static,
        T: 'static,
    {
        let handle = self.build(f);
        handle.ready();
        handle
    }

    /// Makes a coro that calls `f`, and does not ready it.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::Builder::new().build(|| 1);
    /// assert!(c.is_new() && !c.is_ready());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `new Coro`.
    #[track_caller]
    pub fn build<F, T>(self, f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + 'static,
        T: 'static,
    {
        let k = root::kernel();
        let handle = JoinHandle::new(task::new(k, self.plan(), f));
        self.dress(&handle);
        enter(k, &handle);
        handle
    }

    /// What a coro of this builder is made of.
    #[track_caller]
    pub(crate) fn plan(&self) -> Plan {
        Plan {
            flags: NEW,
            prio: self.prio,
            stack_class: self.stack_class,
            spawned: Location::caller(),
        }
    }

    fn dress(self, coro: &crate::control::Coro) {
        if let Some(desc) = self.desc {
            coro.set_desc(desc);
        }
    }
}

impl Default for Builder {
    fn default() -> Self {
        Builder::new()
    }
}
