//! A channel for many at both ends and a readers-writer lock, of a semaphore of the peer, for those
//! that have none.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::marker::PhantomData;
use std::rc::Rc;

use super::{Channel, Many, Semaphore};

/// A channel of a queue, a semaphore for what is in it and one for the room that is left.
pub(crate) struct Mpmc<S>(PhantomData<S>);

struct Shared<S: Semaphore, T> {
    values: RefCell<VecDeque<T>>,
    filled: S,
    room: S,
    senders: Cell<usize>,
}

pub(crate) struct Sender<S: Semaphore, T>(Rc<Shared<S, T>>);

pub(crate) struct Receiver<S: Semaphore, T>(Rc<Shared<S, T>>);

impl<S: Semaphore, T: 'static> Channel<T> for Mpmc<S> {
    type Sender = Sender<S, T>;
    type Receiver = Receiver<S, T>;

    fn bounded(capacity: usize) -> (Sender<S, T>, Receiver<S, T>) {
        let shared = Rc::new(Shared {
            values: RefCell::new(VecDeque::with_capacity(capacity)),
            filled: S::new(0),
            room: S::new(capacity),
            senders: Cell::new(1),
        });
        (Sender(shared.clone()), Receiver(shared))
    }

    async fn send(Sender(shared): &mut Sender<S, T>, value: T) {
        S::forget(shared.room.acquire().await);
        shared.values.borrow_mut().push_back(value);
        shared.filled.add_permits(1);
    }

    async fn recv(Receiver(shared): &mut Receiver<S, T>) -> Option<T> {
        S::forget(shared.filled.acquire().await);
        let value = shared.values.borrow_mut().pop_front()?;
        shared.room.add_permits(1);
        Some(value)
    }
}

impl<S: Semaphore, T> Clone for Sender<S, T> {
    fn clone(&self) -> Self {
        let senders = &self.0.senders;
        senders.set(senders.get() + 1);
        Self(self.0.clone())
    }
}

impl<S: Semaphore, T> Drop for Sender<S, T> {
    /// With the last sender all receivers may pass, to find that no value is left.
    fn drop(&mut self) {
        let senders = &self.0.senders;
        senders.set(senders.get() - 1);
        if senders.get() == 0 {
            self.0.filled.add_permits(usize::MAX / 2);
        }
    }
}

impl<S: Semaphore, T> Clone for Receiver<S, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A lock of which a reader takes one permit, and a writer all.
pub(crate) struct RwLock<S> {
    permits: S,
    value: Cell<u64>,
}

const READERS: usize = 1024;

impl<S: Many> super::RwLock for RwLock<S> {
    type Read<'a> = S::Guard<'a>;
    type Write<'a> = S::Guard<'a>;

    fn new(value: u64) -> Self {
        Self {
            permits: S::new(READERS),
            value: Cell::new(value),
        }
    }

    fn read(&self) -> impl Future<Output = S::Guard<'_>> {
        self.permits.acquire()
    }

    fn write(&self) -> impl Future<Output = S::Guard<'_>> {
        self.permits.acquire_many(READERS)
    }

    fn seen(&self, _: &S::Guard<'_>) -> u64 {
        self.value.get()
    }

    fn get(&self, _: &S::Guard<'_>) -> u64 {
        self.value.get()
    }

    fn set(&self, _: &mut S::Guard<'_>, value: u64) {
        self.value.set(value);
    }
}
