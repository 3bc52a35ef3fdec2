//! Who is next, when it is not just the head of the ready queue.

use crate::control::Coro;
use crate::hooks::{Event, Policy};
use crate::idle;
use crate::kernel::Kernel;
use crate::passage;
use crate::state::kernel::{DIRECT, DRIVER, INBOX, MARKED, OBSERVER, POLICY, REAP, TIMERS};
use crate::state::{CANCEL, DEAD, DOUBT, ENDED, READY, REAPED, SHIELD, SUSPENDED, UNWINDING};

/// A coro, and the flag that goes with its entry in the queue: `READY`, or none if it was not
/// taken from there.
type Next = Option<(Coro, u32)>;

/// Sees to what the kernel's flags call for, and chooses.
#[cold]
#[inline(never)]
pub(crate) fn consider(k: &'static Kernel) -> Next {
    if k.flags.get() & !(DRIVER | TIMERS) == 0 && k.until_glance.get() > 0 {
        // It is only that the outside is to be looked at from time to time.
        k.until_glance.set(k.until_glance.get() - 1);
        return k.ready.pop().map(|coro| (coro, READY));
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
    if ran && k.has(OBSERVER) {
        k.tell(&Event::SwitchedOut {
            coro: &last.handle(),
            place: last.place.get(),
            wait: k.with_wait(last, |wait| wait.what()),
        });
    }
    let (next, entry) = match way_back {
        Some(canceller) => (canceller, 0),
        None => choose(k)?,
    };
    if k.has(OBSERVER) {
        // Who is switched to is no longer ready, and may be readied by the observer.
        next.control().clear(entry);
        k.tell(&Event::SwitchedIn { coro: &next });
        return Some((next, 0));
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
    if k.has(MARKED) {
        passage::review_marks(k);
    }
    if k.has(INBOX) {
        idle::empty_inbox(k);
    }
    if k.has(DRIVER | TIMERS) {
        idle::look(k);
    }
    while k.has(REAP) {
        if let Some(coro) = reap(k) {
            return Some((coro, 0));
        }
    }
    if k.has(POLICY | OBSERVER) {
        weed(k);
    }
    if let (true, Some(policy)) = (k.has(POLICY), k.policy.take()) {
        return ask_policy(k, policy);
    }
    k.ready.pop().map(|coro| (coro, READY))
}

/// Takes the next coro out of the ready queue, for one who will switch to it.
pub(crate) fn take(k: &'static Kernel) -> Option<Coro> {
    loop {
        weed(k);
        let (next, entry) = match (k.has(POLICY), k.policy.take()) {
            (true, Some(policy)) => ask_policy(k, policy)?,
            _ => (k.ready.pop()?, READY),
        };
        if next.control().has(DEAD) {
            // The policy has cancelled it.
            k.unearth(entry);
            continue;
        }
        next.control().clear(entry);
        return Some(next);
    }
}

/// Takes a coro off the reap list and makes it unwind, if it can.
fn reap(k: &'static Kernel) -> Option<Coro> {
    let mut list = k.reap.take();
    let oldest = (!list.is_empty()).then(|| list.remove(0));
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
    c.clear(SUSPENDED);
    c.set(CANCEL | REAPED);
    if c.has(DOUBT) {
        passage::defer(k, c);
    }
    (!c.has(SHIELD | UNWINDING | DOUBT | ENDED)).then_some(coro)
}

/// Drops the entries of the dead and of the suspended.
fn weed(k: &'static Kernel) {
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
    if !k.has(POLICY) {
        return None;
    }
    let mut policy = k.policy.take()?;
    let installs = k.installs.get();
    let mut choice = None;
    k.hook("a policy", || {
        choice = policy.choose(count);
        let is_one = choice.is_none_or(|choice| choice < count);
        assert!(is_one, "Policy::choose returned {choice:?} of {count}");
    });
    k.put_back(&k.policy, policy, installs);
    choice
}

fn ask_policy(k: &'static Kernel, mut policy: Box<dyn Policy>) -> Next {
    let installs = k.installs.get();
    let ready = k.ready.list();
    let mut chosen = None;
    if !ready.is_empty() {
        k.hook("a policy", || {
            let index = policy.next(&ready);
            let count = ready.len();
            assert!(
                index < count,
                "Policy::next returned {index} of {count} ready coros"
            );
            chosen = k.ready.remove(&ready[index]);
        });
    }
    k.put_back(&k.policy, policy, installs);
    chosen.map(|coro| (coro, READY))
}
