//! What a coro is: the methods of [`Coro`] that tell its state and set its properties.

use std::fmt;
use std::rc::Rc;

use crate::control::Coro;
use crate::passage::Name;
use crate::prio::Prio;
use crate::root;
use crate::state::{ENDED, NEW, READY, SUSPENDED};

/// Who is when: states and properties.
impl Coro {
    /// Returns the number of the coro, which no other coro of this OS thread ever has. Main is 0.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro::main().id(), 0);
    /// assert_ne!(coro::spawn(|| ()).id(), coro::spawn(|| ()).id());
    /// ```
    #[must_use]
    pub fn id(&self) -> u64 {
        self.control().id
    }

    /// Returns the description, if one was set.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro::main().desc().as_deref(), Some("main"));
    /// ```
    #[doc(alias = "name")]
    #[must_use]
    pub fn desc(&self) -> Option<Rc<str>> {
        self.control().desc()
    }

    /// Sets the description that listings show, a free text.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| ());
    /// c.set_desc("worker 1");
    /// assert_eq!(c.desc().as_deref(), Some("worker 1"));
    /// ```
    pub fn set_desc(&self, desc: impl Into<Rc<str>>) {
        self.control().rare().desc.set(Some(desc.into()));
    }

    /// Returns how many times the coro was switched to.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(coro::cede);
    /// assert_eq!(c.use_count(), 0);
    /// coro::cede();
    /// coro::cede();
    /// assert_eq!(c.use_count(), 2);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `usecount`.
    #[must_use]
    pub fn use_count(&self) -> u64 {
        self.control().uses.get()
    }

    /// Returns the priority.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro::spawn(|| ()).prio(), coro::Prio::NORMAL);
    /// ```
    #[must_use]
    pub fn prio(&self) -> Prio {
        self.control().prio()
    }

    /// Sets the priority and returns the old one.
    ///
    /// A coro that is in the ready queue keeps its place until it is queued the next time.
    ///
    /// # Switches
    ///
    /// Never, even if somebody else now has a higher priority.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro::Prio;
    /// let c = coro::spawn(|| ());
    /// assert_eq!(c.set_prio(Prio::HIGH), Prio::NORMAL);
    /// assert_eq!(c.prio(), Prio::HIGH);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `prio`.
    pub fn set_prio(&self, prio: Prio) -> Prio {
        let old = self.prio();
        self.control().set_prio(prio);
        old
    }

    /// Lowers the priority by `by` (raises it if negative), within the limits, and returns the old
    /// one.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro::Prio;
    /// let c = coro::spawn(|| ());
    /// assert_eq!(c.nice(1), Prio::NORMAL);
    /// assert_eq!(c.prio(), Prio::LOW);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `nice`.
    pub fn nice(&self, by: i8) -> Prio {
        self.set_prio(Prio::new(self.prio().get().saturating_sub(by)))
    }

    /// Returns `true` if the coro has never run.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(coro::schedule);
    /// assert!(c.is_new());
    /// coro::cede();
    /// assert!(!c.is_new());
    /// # c.cancel();
    /// ```
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.control().has(NEW)
    }

    /// Returns `true` if the coro is in the ready queue.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro::spawn(|| ()).is_ready());
    /// assert!(!coro::current().is_ready());
    /// ```
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.control().has(READY)
    }

    /// Returns `true` if this is the coro that runs now.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro::current().is_running());
    /// assert!(!coro::spawn(|| ()).is_running());
    /// ```
    #[must_use]
    pub fn is_running(&self) -> bool {
        root::kernel().is_running(self.control())
    }

    /// Returns `true` between [`suspend`](Coro::suspend) and [`resume`](Coro::resume).
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| ());
    /// c.suspend();
    /// assert!(c.is_suspended());
    /// ```
    #[must_use]
    pub fn is_suspended(&self) -> bool {
        self.control().has(SUSPENDED)
    }

    /// Returns `true` if the coro has ended and its result is there.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| ());
    /// assert!(!c.is_finished());
    /// coro::cede();
    /// assert!(c.is_finished());
    /// ```
    #[doc(alias = "is_zombie")]
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.control().has(ENDED)
    }

    /// Returns `true` if the coro is blocked although what it waits for can be had, as far as the
    /// [`Wait`](crate::Wait) tells: while somebody is ready, that may still be seen to; else, its
    /// wake-up was lost.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// struct Free;
    /// impl coro::Wait for Free {
    ///     fn what(&self) -> &'static str {
    ///         "something free"
    ///     }
    ///     fn is_stranded(&self) -> bool {
    ///         true
    ///     }
    /// }
    ///
    /// let c = coro::spawn(|| coro::wait_for(&Free));
    /// coro::cede();
    /// assert!(c.is_stranded());
    /// c.ready();
    /// assert!(!c.is_stranded());
    /// # c.join().unwrap();
    /// ```
    #[must_use]
    pub fn is_stranded(&self) -> bool {
        let c = self.control();
        !c.has(READY | SUSPENDED | NEW | ENDED)
            && root::kernel().with_wait(c, |wait| wait.is_stranded()) == Some(true)
    }

    /// Returns how many handles to the coro there are, in queues and elsewhere.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let me = coro::current();
    /// let before = me.handle_count();
    /// let _other = me.clone();
    /// assert_eq!(me.handle_count(), before + 1);
    /// ```
    #[doc(alias = "strong_count")]
    #[must_use]
    pub fn handle_count(&self) -> usize {
        self.control().handle_count() as usize
    }
}

/// `coro #12 "fetch"`.
impl fmt::Display for Coro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Name(self.control()).fmt(f)
    }
}
