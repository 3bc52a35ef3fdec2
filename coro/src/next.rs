//! Who is next, when it is not just the head of the ready queue.

use crate::control::Coro;
use crate::hooks::Event;
use crate::idle;
use crate::kernel::Kernel;
use crate::passage;
#[cfg(feature = "watchdog")]
use crate::state::kernel::WATCHED;
use crate::state::kernel::{
    ABOVE, DEFERRED, DIRECT, DRIVER, INBOX, MARKED, OBSERVER, POLICY, REAP, TIMERS, TIMES,
};
use crate::state::{CANCEL, DEAD, DOUBT, ENDED, NEW, READY, REAPED, SHIELD, SUSPENDED, UNWINDING};
#[cfg(feature = "watchdog")]
use crate::watchdog;

/// A coro, and the flag that goes with its entry in the queue: `READY`, or none if it was not
/// taken from there.
type Next = Option<(Coro, u32)>;

/// Sees to what the kernel's flags call for, and chooses.
#[cold]
#[inline(never)]
pub(crate) fn consider(k: &'static Kernel) -> Next {
    let looks_out = k.has(DRIVER | TIMERS);
    let glances = k.until_glance.get();
    if !k.has(!(DRIVER | TIMERS | ABOVE)) && (glances > 0 || !looks_out) {
        // At most, the outside is to be looked at from time to time.
        k.until_glance.set(glances - u32::from(looks_out));
        return pop_highest(k).map(|coro| (coro, READY));
    }
    let last = k.current();
    let ran = k.is_running(last);
    // The coro that has just switched out may have been cancelled, and its canceller waits.
    let way_back = if k.has(DIRECT) {
        None
    } else {
        k.forget_way_back(last)
    };
    // From here on hooks are called, while nobody runs.
    k.stand_in();
    #[cfg(feature = "watchdog")]
    if k.has(WATCHED) {
        watchdog::slice_ends();
    }
    if ran && k.has(OBSERVER | TIMES) {
        // The hooks may end it.
        let coro = last.handle();
        if k.has(TIMES) {
            let since = (last.uses.get(), k.now());
            last.rare().switched_out.set(Some(since));
        }
        if k.has(OBSERVER) {
            k.tell(&Event::SwitchedOut {
                coro: &coro,
                place: last.place.get(),
                wait: k.with_wait(last, |wait| wait.what()),
            });
        }
    }
    let (next, mut entry) = match way_back {
        Some(canceller) => (canceller, 0),
        None => choose(k)?,
    };
    // The policy may have cancelled it; then nobody is switched to.
    if k.has(OBSERVER) && !next.control().has(DEAD) {
        // Who is switched to is no longer ready, and may be readied by the observer.
        next.control().clear(entry);
        entry = 0;
        k.tell(&Event::SwitchedIn { coro: &next });
    }
    #[cfg(feature = "watchdog")]
    if k.has(WATCHED) {
        watchdog::slice_begins(next.control());
    }
    Some((next, entry))
}

fn choose(k: &'static Kernel) -> Next {
    if k.has(DIRECT) {
        k.clear(DIRECT);
        if let Some(coro) = k.direct.take() {
            return Some((coro, 0));
        }
    }
    if k.has(MARKED | DEFERRED) {
        passage::review_marks(k);
    }
    hear(k);
    while k.has(REAP) {
        if let Some(coro) = reap(k) {
            return Some((coro, 0));
        }
    }
    pop_able(k).map(|coro| (coro, READY))
}

/// Readies whom others wake from outside: OS threads, timers, a driver.
fn hear(k: &'static Kernel) {
    if k.has(INBOX) {
        idle::empty_inbox(k);
    }
    if k.has(DRIVER | TIMERS) {
        idle::look(k);
    }
}

/// Takes the next coro out of the ready queue, for one who will switch to it.
pub(crate) fn take(k: &'static Kernel) -> Option<Coro> {
    hear(k);
    let next = pop_able(k)?;
    next.control().clear(READY);
    Some(next)
}

/// Takes the next coro that can run out of the ready queue; drops the entries of the dead and the
/// suspended before it.
fn pop_able(k: &'static Kernel) -> Option<Coro> {
    loop {
        if k.has(POLICY) {
            weed(k);
        }
        let next = pop(k)?;
        let c = next.control();
        if c.has(DEAD) {
            k.unearth(READY);
        } else if c.has(SUSPENDED) {
            c.clear(READY);
        } else {
            return Some(next);
        }
    }
}

/// Takes a coro off the reap list and makes it unwind, if it can.
fn reap(k: &'static Kernel) -> Option<Coro> {
    let mut list = k.reap.take();
    let oldest = list.pop_front();
    if list.is_empty() {
        k.clear(REAP);
    }
    k.reap.set(list);
    let coro = oldest?;
    let c = coro.control();
    if c.is_shared() || c.has(READY | DEAD) {
        // Somebody found it in the listing and holds it now.
        return None;
    }
    if cfg!(panic = "abort") && !c.has(NEW) {
        // Nothing can unwind it: its stack is leaked, frames and all.
        c.set(REAPED);
        return None;
    }
    c.clear(SUSPENDED);
    c.set(CANCEL | REAPED);
    if c.has(DOUBT) {
        passage::defer(k, c);
    }
    (!c.has(SHIELD | UNWINDING | DOUBT | ENDED)).then_some(coro)
}

/// Drops all entries of the dead and of the suspended: a policy is asked about those who can run.
fn weed(k: &'static Kernel) {
    if !k.ready.any(|c| c.has(DEAD | SUSPENDED)) {
        return;
    }
    k.ready.retain(|c| {
        if c.has(DEAD) {
            k.unearth(READY);
        } else if c.has(SUSPENDED) {
            c.clear(READY);
        }
        !c.has(DEAD | SUSPENDED)
    });
}

/// Lets the policy choose one of `count` things, if there is a policy and it wants to.
pub(crate) fn ask_policy_to_choose(k: &'static Kernel, count: usize) -> Option<usize> {
    k.call(&k.policy, "a policy", |policy| {
        let choice = policy.choose(count);
        let is_one = choice.is_none_or(|choice| choice < count);
        assert!(is_one, "Policy::choose returned {choice:?} of {count}");
        choice
    })?
}

/// Takes a coro out of the ready queue: the policy's choice, if there is a policy.
fn pop(k: &'static Kernel) -> Option<Coro> {
    if !k.has(POLICY) || k.ready.is_empty() {
        return pop_highest(k);
    }
    k.call(&k.policy, "a policy", |policy| policy.prepare());
    weed(k);
    if k.ready.is_empty() {
        return None;
    }
    let ready = k.ready.list();
    let chosen = k.call(&k.policy, "a policy", |policy| {
        let index = policy.next(&ready);
        let count = ready.len();
        assert!(
            index < count,
            "Policy::next returned {index} of {count} ready coros"
        );
        k.ready.remove(&ready[index])
    });
    // A policy that is being called has no say.
    chosen.unwrap_or_else(|| pop_highest(k))
}

/// Takes the oldest coro of the highest priority out of the ready queue.
fn pop_highest(k: &'static Kernel) -> Option<Coro> {
    let coro = k.ready.pop();
    if !k.ready.is_above() {
        k.clear(ABOVE);
    }
    coro
}
