//! Calls of code that is not the kernel's own, where nothing may switch: hooks.
#![allow(unsafe_code, reason = "reaches what a coro waits for")]

use std::panic::{self, AssertUnwindSafe, Location};
use std::process;
use std::ptr;
use std::time::Instant;

use crate::control::Control;
use crate::hooks::Wait;
use crate::installed::Installed;
use crate::kernel::Kernel;

impl Kernel {
    /// Forbids every switch until the guard goes.
    pub(crate) fn forbid(
        &'static self,
        what: &'static str,
        place: &'static Location<'static>,
    ) -> Forbidden {
        if self.forbids.get() == 0 {
            self.forbidden.set(Some((what, place)));
        }
        // Each time: a region that a foreign stack has left open must not open the inner ones.
        self.yielder.set(ptr::null());
        self.forbids.set(self.forbids.get() + 1);
        Forbidden(self)
    }

    /// Calls `f`, where it may neither switch nor panic.
    #[track_caller]
    pub(crate) fn hook(&'static self, what: &'static str, f: impl FnOnce()) {
        let forbid = self.forbid(what, Location::caller());
        let result = panic::catch_unwind(AssertUnwindSafe(f));
        drop(forbid);
        if result.is_err() {
            // The panic hook has told the reason. There is no frame that could take the panic: the
            // dispatcher must go on.
            eprintln!("coro: {what} panicked; aborting");
            process::abort();
        }
    }

    /// Calls `f` with what `c` waits for, if it is switched out in a wait, and where foreign code may
    /// still run: it may neither switch nor panic.
    pub(crate) fn with_wait<R>(
        &'static self,
        c: &Control,
        f: impl FnOnce(&dyn Wait) -> R,
    ) -> Option<R> {
        if self.is_over() || self.is_running(c) {
            return None;
        }
        let wait = c.wait.get()?;
        let mut result = None;
        // SAFETY: C4: the coro is switched out, and stays so, as nothing can switch in a hook.
        self.hook("a Wait", || result = Some(f(unsafe { wait.as_ref() })));
        result
    }

    /// Calls `f` with what is installed here, if anything is. It is taken out meanwhile, so that it
    /// is not called within its own call; and it is dropped afterwards if it was replaced or removed.
    #[track_caller]
    pub(crate) fn call<T, R>(
        &'static self,
        place: &Installed<T>,
        what: &'static str,
        f: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        let (mut hook, number) = place.take()?;
        let mut result = None;
        self.hook(what, || result = Some(f(&mut hook)));
        if let Err(replaced) = place.put_back(hook, number) {
            self.hook("the drop of a hook", || drop(replaced));
        }
        result
    }

    /// Returns the time, by the installed clock if there is one.
    pub(crate) fn now(&'static self) -> Instant {
        let now = self.call(&self.clock, "a clock", |clock| clock.now());
        now.unwrap_or_else(Instant::now)
    }

    /// Returns why nothing may switch now, if that is so.
    pub(crate) fn forbidden(&self) -> Option<(&'static str, &'static Location<'static>)> {
        self.forbidden.get()
    }
}

/// While it lives, nothing may switch.
pub(crate) struct Forbidden(&'static Kernel);

impl Drop for Forbidden {
    fn drop(&mut self) {
        let k = self.0;
        k.forbids.set(k.forbids.get() - 1);
        if k.forbids.get() == 0 {
            k.forbidden.set(None);
            if let (Some(current), false) = (k.current_if_made(), k.torn_down.get()) {
                k.yielder.set(current.yielder.get());
            }
        }
    }
}
