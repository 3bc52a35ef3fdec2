//! What the wait queue promises, against a model of ten lines.

use std::cell::RefCell;
use std::rc::Rc;

use coro_wait_queue::{Left, WaitQueue, Waiter, Woken};
use static_assertions::assert_not_impl_any;

assert_not_impl_any!(WaitQueue: Send, Sync);
assert_not_impl_any!(Waiter<'static, fn(Left)>: Send, Sync);

/// A queue whose waiters wait until they are woken, and note who was.
struct World {
    queue: WaitQueue,
    woken: RefCell<Vec<usize>>,
    left: RefCell<Vec<Left>>,
}

impl World {
    fn new() -> Rc<World> {
        Rc::new(World {
            queue: WaitQueue::new("test"),
            woken: RefCell::new(Vec::new()),
            left: RefCell::new(Vec::new()),
        })
    }

    fn wait(&self, who: usize) {
        self.queue.wait(|left| {
            self.left.borrow_mut().push(left);
            if left == Left::Woken {
                self.queue.wake_one();
            }
        });
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
    assert_eq!(*world.left.borrow(), [Left::Woken]);
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
    assert_eq!(*world.left.borrow(), [Left::Waiting, Left::Waiting]);
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

#[test]
fn a_waiter_woken_together_with_all_says_so_when_it_leaves() {
    let world = World::new();
    let (first, second) = (world.spawn(0), world.spawn(1));
    world.queue.wake_one();
    world.queue.wake_all();
    first.cancel();
    second.cancel();
    let third = world.spawn(2);
    world.queue.wake_one();
    third.cancel();
    let expected = [Left::WokenWithAll, Left::WokenWithAll, Left::Woken];
    assert_eq!(*world.left.borrow(), expected);
}

#[test]
fn callbacks_are_called_in_their_turn_among_coros() {
    let world = World::new();
    let first = world.spawn(0);
    for name in [10, 11] {
        let here = world.clone();
        world
            .queue
            .enter_callback(move || here.woken.borrow_mut().push(name));
    }
    let last = world.spawn(1);
    assert_eq!(world.queue.len(), 4);
    assert_eq!(world.queue.wake_if(|()| true), Some(Woken::Coro(())));
    assert_eq!(world.queue.wake_if(|()| true), Some(Woken::Callback));
    assert_eq!(*world.woken.borrow(), [10]);
    assert_eq!(world.queue.wake_all(), 2);
    assert_eq!(*world.woken.borrow(), [10, 11]);
    first.join().unwrap();
    last.join().unwrap();
    assert_eq!(*world.woken.borrow(), [10, 11, 0, 1]);
}

#[test]
fn a_callback_that_enters_again_is_not_called_twice() {
    fn again(world: &Rc<World>) {
        let here = world.clone();
        world.queue.enter_callback(move || {
            here.woken.borrow_mut().push(1);
            again(&here);
        });
    }
    let world = World::new();
    // Gaps in the middle: the numbers of those who wait are not dense then.
    let waiters: Vec<_> = (0..8).map(|i| world.spawn(i)).collect();
    again(&world);
    waiters.iter().for_each(|c| c.cancel());
    assert_eq!(world.queue.wake_all(), 1);
    assert_eq!((world.woken.borrow().len(), world.queue.len()), (1, 1));
    let patient = world.spawn(0);
    world.queue.wake_one();
    world.queue.wake_one();
    patient.cancel();
    assert_eq!(world.left.borrow().last(), Some(&Left::Woken));
}

#[test]
fn a_callback_that_panics_or_switches_costs_nobody_a_wake_up() {
    let world = World::new();
    world.queue.enter_callback(|| panic!("on purpose"));
    world.queue.enter_callback(coro::schedule);
    let waiter = world.spawn(0);
    assert_eq!(world.queue.wake_all(), 3);
    waiter.join().unwrap();
    assert_eq!(*world.woken.borrow(), [0]);
}

#[test]
fn an_interruption_of_the_waker_does_not_arrive_in_a_callback() {
    let world = World::new();
    let here = world.clone();
    world.queue.enter_callback(move || {
        coro::check();
        here.woken.borrow_mut().push(1);
    });
    let waker = world.clone();
    let c = coro::spawn(move || {
        coro::current().throw("later");
        assert!(waker.queue.wake_one());
        assert_eq!(*waker.woken.borrow(), [1]);
        coro::catch(coro::check).unwrap_err();
    });
    c.join().unwrap();
}

#[test]
fn who_enters_after_others_left_in_a_callback_was_not_woken_with_all() {
    let world = World::new();
    let last = Rc::new(RefCell::new(None::<coro::JoinHandle<()>>));
    let (here, theirs) = (world.clone(), last.clone());
    world.queue.enter_callback(move || {
        theirs.take().unwrap().safe_cancel().unwrap();
        let again = here.clone();
        here.queue
            .enter_callback(move || again.woken.borrow_mut().push(9));
    });
    last.replace(Some(world.spawn(0)));
    assert_eq!(world.queue.wake_all(), 1);
    assert!(world.woken.borrow().is_empty());
    world.queue.wake_one();
    let later = world.spawn(1);
    world.queue.wake_one();
    later.cancel();
    assert_eq!(world.left.borrow().last(), Some(&Left::Woken));
}

/// Returns the text of the panic of `f`.
fn panic_of<R>(f: impl FnOnce() -> R) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
    let payload = panic.err().expect("it panics");
    let text = payload.downcast_ref::<&'static str>();
    text.map_or_else(|| "(no text)".to_owned(), |text| text.to_string())
}

#[test]
fn a_predicate_that_panics_leaves_the_waiter_in_front() {
    for others in [0, 1, 5] {
        let world = World::new();
        let waiters: Vec<_> = (0..=others).map(|i| world.spawn(i)).collect();
        assert_eq!(
            panic_of(|| world.queue.wake_if(|()| panic!("fits"))),
            "fits"
        );
        assert_eq!(world.queue.len(), others + 1);
        assert!(waiters.iter().all(|c| !c.is_ready()));
        assert!(world.queue.wake_one());
        assert!(waiters[0].is_ready());
        assert_eq!(world.queue.wake_all(), others);
        waiters.into_iter().for_each(|c| c.join().unwrap());
        let expected: Vec<_> = (0..=others).collect();
        assert_eq!(*world.woken.borrow(), expected);
    }
}

#[test]
fn a_predicate_that_wakes_is_told_so_and_the_queue_stays_usable() {
    for others in [0, 1, 5] {
        let world = World::new();
        let waiters: Vec<_> = (0..=others).map(|i| world.spawn(i)).collect();
        let text = panic_of(|| {
            world.queue.wake_if(|()| {
                world.queue.wake_one();
                true
            })
        });
        assert_eq!(text, "the predicate of a `wake_if` must not use the queue");
        assert_eq!(world.queue.len(), others + 1);
        assert_eq!(world.queue.wake_all(), others + 1);
        assert_eq!(world.queue.wake_all(), 0);
        waiters.into_iter().for_each(|c| c.join().unwrap());
        let expected: Vec<_> = (0..=others).collect();
        assert_eq!(*world.woken.borrow(), expected);
    }
}

#[test]
fn a_predicate_that_makes_the_front_waiter_leave_does_not_bring_it_back() {
    for (others, fits) in [0, 1, 5].into_iter().flat_map(|n| [(n, false), (n, true)]) {
        let world = World::new();
        let waiters: Vec<_> = (0..=others).map(|i| world.spawn(i)).collect();
        let woken = world.queue.wake_if(|()| {
            waiters[0].safe_cancel().unwrap();
            fits
        });
        assert_eq!((woken, world.queue.len()), (None, others));
        assert_eq!(*world.left.borrow(), [Left::Waiting]);
        assert_eq!(world.queue.wake_all(), others);
        assert!(!world.queue.wake_one() && world.queue.is_empty());
        let mut waiters = waiters.into_iter();
        let first = waiters.next().unwrap();
        assert!(first.join().unwrap_err().is_cancelled());
        waiters.for_each(|c| c.join().unwrap());
        let expected: Vec<_> = (1..=others).collect();
        assert_eq!(*world.woken.borrow(), expected);
    }
}
