//! What the wait queue promises, against a model of ten lines.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro_wait_queue::WaitQueue;
use static_assertions::assert_not_impl_any;

assert_not_impl_any!(WaitQueue: Send, Sync);

/// A queue whose waiters wait until they are woken, and note who was.
struct World {
    queue: WaitQueue,
    woken: RefCell<Vec<usize>>,
    passed_on: Cell<usize>,
}

impl World {
    fn new() -> Rc<World> {
        Rc::new(World {
            queue: WaitQueue::new("test"),
            woken: RefCell::new(Vec::new()),
            passed_on: Cell::new(0),
        })
    }

    fn wait(&self, who: usize) {
        let waiter = self.queue.enter(|| {
            self.passed_on.set(self.passed_on.get() + 1);
            self.queue.wake_one();
        });
        while !waiter.is_woken() {
            coro::wait_for(&waiter);
        }
        waiter.done();
        self.woken.borrow_mut().push(who);
    }

    fn spawn(self: &Rc<World>, who: usize) -> coro::JoinHandle<()> {
        let world = self.clone();
        let c = coro::spawn(move || world.wait(who));
        coro::cede();
        c
    }
}

#[test]
fn waiters_are_woken_in_the_order_of_their_arrival() {
    let world = World::new();
    let waiters: Vec<_> = (0..5).map(|i| world.spawn(i)).collect();
    assert_eq!(world.queue.len(), 5);
    assert!(world.queue.wake_one());
    assert_eq!(world.queue.wake_all(), 4);
    assert!(!world.queue.wake_one());
    waiters.into_iter().for_each(|c| c.join().unwrap());
    assert_eq!(*world.woken.borrow(), [0, 1, 2, 3, 4]);
}

#[test]
fn spurious_wake_ups_cost_nobody_its_place() {
    let world = World::new();
    let waiters: Vec<_> = (0..3).map(|i| world.spawn(i)).collect();
    for _ in 0..3 {
        waiters[0].ready();
        waiters[2].ready();
        coro::cede();
    }
    assert_eq!(world.queue.len(), 3);
    world.queue.wake_all();
    waiters.into_iter().for_each(|c| c.join().unwrap());
    assert_eq!(*world.woken.borrow(), [0, 1, 2]);
}

#[test]
fn a_woken_waiter_that_is_cancelled_passes_its_wake_up_on() {
    let world = World::new();
    let first = world.spawn(0);
    let second = world.spawn(1);
    world.queue.wake_one();
    first.cancel();
    assert_eq!(world.passed_on.get(), 1);
    second.join().unwrap();
    assert_eq!(*world.woken.borrow(), [1]);
}

#[test]
fn safe_cancel_takes_a_waiter_out_at_once() {
    let world = World::new();
    let first = world.spawn(0);
    let second = world.spawn(1);
    first.safe_cancel().unwrap();
    assert_eq!(world.queue.len(), 1);
    second.safe_cancel().unwrap();
    assert!(world.queue.is_empty());
    assert!(first.join().unwrap_err().is_cancelled());
    assert!(second.join().unwrap_err().is_cancelled());
    assert_eq!(world.passed_on.get(), 0);
}

/// Many come, leave from anywhere, and are woken, in an order that a small generator makes.
#[test]
fn whoever_leaves_from_the_middle_disturbs_nobody() {
    for seed in 1..40_u64 {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut random = move |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        };
        let world = World::new();
        let mut waiting: Vec<(usize, coro::JoinHandle<()>)> = Vec::new();
        let mut expected = Vec::new();
        for who in 0..400 {
            match random(5) {
                0 | 1 => waiting.push((who, world.spawn(who))),
                2 | 3 if !waiting.is_empty() => {
                    let (_, gone) = waiting.remove(random(waiting.len()));
                    gone.cancel();
                    assert!(gone.is_finished());
                }
                4 if !waiting.is_empty() => {
                    assert!(world.queue.wake_one());
                    let (who, woken) = waiting.remove(0);
                    expected.push(who);
                    woken.join().unwrap();
                }
                _ => {}
            }
            assert_eq!(world.queue.len(), waiting.len());
        }
        assert_eq!(*world.woken.borrow(), expected, "seed {seed}");
        waiting.iter().for_each(|(_, c)| c.cancel());
        assert!(world.queue.is_empty());
    }
}

#[test]
fn many_timeouts_behind_a_patient_waiter_keep_the_queue_short() {
    let world = World::new();
    let patient = world.spawn(0);
    for _ in 0..10_000 {
        let impatient = world.spawn(1);
        let last = world.spawn(2);
        impatient.cancel();
        last.cancel();
    }
    assert_eq!(world.queue.len(), 1);
    world.queue.wake_one();
    patient.join().unwrap();
    assert_eq!(*world.woken.borrow(), [0]);
}
