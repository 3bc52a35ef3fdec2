//! Lists of places for coro-local values.
//!
//! # Invariants
//!
//! P1. What is in a list stays where it is: a place stays until it is freed, and leaves its lists
//!     then. The head of a slot's list is on the heap, and is left there for good if places are still
//!     in it; that of a coro's list is beside its places.
//! P2. `back` is where the pointer to the place is, which is the head or the `next` of another; and
//!     it is `None` if the place is in no list.

#![allow(
    unsafe_code,
    reason = "places know their neighbours by their addresses"
)]

use std::cell::Cell;
use std::iter;
use std::ptr::NonNull;

use super::Local;

/// What points to the first place of a list, or to the one behind a place.
type Next = Cell<Option<NonNull<Local>>>;

/// Which of the lists that a place may be in.
type Which = fn(&Local) -> &Link;

/// A list of places, the newest first; each can leave it by itself.
#[derive(Default)]
pub(crate) struct List(Next);

impl List {
    /// Returns the newest place.
    pub(crate) fn first(&self) -> Option<&Local> {
        // SAFETY: P1.
        self.0.get().map(|first| unsafe { first.as_ref() })
    }

    /// Returns the places; others may enter meanwhile, and none may leave.
    pub(super) fn all(&self, which: Which) -> impl Iterator<Item = &Local> {
        iter::successors(self.first(), move |local| {
            // SAFETY: P1.
            which(local).next.get().map(|next| unsafe { next.as_ref() })
        })
    }

    /// Puts a place in that is in no such list.
    pub(super) fn enter(&self, local: &Local, which: Which) {
        Link::enter(&self.0, local, which);
    }
}

/// How a place is in a list.
#[derive(Default)]
pub(super) struct Link {
    next: Next,
    back: Cell<Option<NonNull<Next>>>,
}

impl Link {
    fn enter(before: &Next, local: &Local, which: Which) {
        let this = which(local);
        let next = before.replace(Some(NonNull::from(local)));
        this.next.set(next);
        this.back.set(Some(NonNull::from(before)));
        if let Some(next) = next {
            // SAFETY: P1.
            let next = which(unsafe { next.as_ref() });
            next.back.set(Some(NonNull::from(&this.next)));
        }
    }

    /// Puts a place that is in no such list behind the one of this link, which is in one.
    pub(super) fn enter_behind(&self, local: &Local, which: Which) {
        Link::enter(&self.next, local, which);
    }

    /// Takes the place of this link out, if it is in a list.
    pub(super) fn leave(&self, which: Which) {
        let Some(back) = self.back.take() else {
            return;
        };
        let next = self.next.take();
        // SAFETY: P1.
        unsafe { back.as_ref() }.set(next);
        if let Some(next) = next {
            // SAFETY: P1.
            let next = which(unsafe { next.as_ref() });
            next.back.set(Some(back));
        }
    }
}
