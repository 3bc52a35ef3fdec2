//! The queue under all primitives, by two small ones of our own: mesa style and hand-off.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::thread;

use coro::JoinHandle;
use coro_explore::{Builder, finally, invariant};
use coro_sync::wait_queue::{Left, PassOn, WaitQueue, Woken};

/// Explores all, and says how much that was.
#[track_caller]
fn prove(builder: &Builder, body: impl Fn() + Send + Sync + 'static) {
    let report = builder.clone().max_executions(300_000).check(body);
    let thread = thread::current();
    println!("{}: {report}", thread.name().unwrap_or_default());
    assert!(report.is_exhaustive(), "{report}");
}

fn faults() -> Builder {
    let builder = Builder::new().delays(3).spurious(2);
    builder.throws(1).cancels(1)
}

fn named<T: 'static>(name: &str, f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    coro::Builder::new().desc(name).spawn(f)
}

/// Mesa style: tokens, which are taken by who is there first.
struct Bucket {
    tokens: Cell<u32>,
    waiters: WaitQueue,
}

impl Bucket {
    fn new() -> Rc<Bucket> {
        let waiters = WaitQueue::new("bucket");
        Rc::new(Bucket {
            tokens: Cell::new(0),
            waiters,
        })
    }

    fn take(&self) {
        coro::check();
        if self.tokens.get() == 0 {
            let waiter = self.waiters.enter(Thirst(self));
            loop {
                coro::wait_for(&waiter);
                if self.tokens.get() > 0 {
                    break;
                }
                waiter.stay();
            }
            waiter.done();
        }
        self.tokens.set(self.tokens.get() - 1);
    }

    fn put(&self) {
        self.tokens.set(self.tokens.get() + 1);
        self.waiters.wake_one();
    }
}

struct Thirst<'a>(&'a Bucket);

impl PassOn for Thirst<'_> {
    fn pass_on(&self, left: Left) {
        if left != Left::Waiting && self.0.tokens.get() > 0 {
            self.0.waiters.wake_one();
        }
    }

    fn is_stranded(&self, oldest: bool) -> bool {
        oldest && self.0.tokens.get() > 0
    }
}

// Hazard: a wake-up goes to one that leaves, or that comes too late, and those behind it sleep on.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn mesa_style_every_token_is_taken_by_one_who_waits() {
    // If a token lies there, and somebody waits for it for good, this goes on for ever.
    prove(&faults().safe_cancels(1).max_steps(300), || {
        let bucket = Bucket::new();
        let taken = Rc::new(Cell::new(0));
        let takers = ["a", "b"].map(|name| {
            let (bucket, taken) = (bucket.clone(), taken.clone());
            named(name, move || {
                bucket.take();
                taken.set(taken.get() + 1);
            })
        });
        coro::cede();
        for _ in 0..2 {
            bucket.put();
            while bucket.tokens.get() > 0 && takers.iter().any(|taker| !taker.is_finished()) {
                coro::cede();
            }
        }
        for taker in takers {
            _ = taker.join();
        }
        finally(move || {
            assert_eq!(taken.get() + bucket.tokens.get(), 2);
            assert!(bucket.waiters.is_empty());
        });
    });
}

// Hazard: who came by took the token of one that was woken, and that one has no entry any more.
#[test]
fn mesa_style_who_comes_too_late_waits_on() {
    prove(&faults().delays(4).throws(0).cancels(0), || {
        let bucket = Bucket::new();
        let takers = ["a", "b", "c"].map(|name| {
            let bucket = bucket.clone();
            named(name, move || bucket.take())
        });
        for _ in 0..3 {
            bucket.put();
            coro::cede();
        }
        for taker in takers {
            taker.join().unwrap();
        }
        finally(move || assert_eq!((bucket.tokens.get(), bucket.waiters.len()), (0, 0)));
    });
}

/// Hand-off: a baton, which goes from hand to hand in the order of the calls.
struct Baton {
    held: Cell<bool>,
    waiters: WaitQueue,
}

impl Baton {
    fn new() -> Rc<Baton> {
        let waiters = WaitQueue::new("baton");
        Rc::new(Baton {
            held: Cell::new(false),
            waiters,
        })
    }

    fn take(&self) -> Held<'_> {
        coro::check();
        if self.held.replace(true) {
            self.waiters.wait(Receiver(self));
        }
        Held(self)
    }

    fn give(&self) {
        if !self.waiters.wake_one() {
            self.held.set(false);
        }
    }
}

struct Held<'a>(&'a Baton);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.give();
    }
}

struct Receiver<'a>(&'a Baton);

impl PassOn for Receiver<'_> {
    fn pass_on(&self, left: Left) {
        if left != Left::Waiting {
            self.0.give();
        }
    }

    fn is_stranded(&self, _oldest: bool) -> bool {
        !self.0.held.get()
    }
}

// Hazards: a wake-up for nothing passes for the baton; one that was given it and struck keeps it.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn handed_off_a_baton_is_in_one_hand_and_not_lost() {
    prove(&faults().spurious(1), || {
        let baton = Baton::new();
        let inside = Rc::new(Cell::new(0));
        let seen = inside.clone();
        invariant("one has the baton", move || seen.get() <= 1);
        let runners = ["a", "b", "c"].map(|name| {
            let (baton, inside) = (baton.clone(), inside.clone());
            named(name, move || {
                let _held = baton.take();
                let _inside = Inside::new(&inside);
                coro::cede();
            })
        });
        for runner in runners {
            _ = runner.join();
        }
        finally(move || assert!(!baton.held.get() && baton.waiters.is_empty()));
    });
}

/// Counts those inside.
struct Inside(Rc<Cell<u32>>);

impl Inside {
    fn new(count: &Rc<Cell<u32>>) -> Inside {
        count.set(count.get() + 1);
        Inside(count.clone())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// A queue whose wake-ups are written down: the note of a waiter says how many came before it.
#[derive(Clone)]
struct Line(Rc<(WaitQueue<usize>, RefCell<Vec<usize>>)>);

impl Line {
    fn wake_one(&self) {
        let (queue, log) = &*self.0;
        if let Some(Woken::Coro(place)) = queue.wake_if(|_| true) {
            log.borrow_mut().push(place);
        }
    }

    fn wait(&self, place: usize) {
        let waiter = self.0.0.enter_with(place, |left| {
            if left == Left::Woken {
                self.wake_one();
            }
        });
        while !waiter.is_woken() {
            coro::wait_for(&waiter);
        }
        waiter.done();
    }
}

// Hazard: one that was readied for nothing, or one behind a hole in the line, is served first.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn handed_off_the_oldest_is_served_first() {
    prove(
        &faults().spurious(1).safe_cancels(1).cancels(0).delays(2),
        || {
            let line = Line(Rc::new((WaitQueue::new("line"), RefCell::default())));
            let entered = Rc::new(Cell::new(0));
            let waiters = ["a", "b", "c"].map(|name| {
                let (line, entered) = (line.clone(), entered.clone());
                named(name, move || {
                    let place = entered.get();
                    entered.set(place + 1);
                    line.wait(place);
                })
            });
            coro::cede();
            while waiters.iter().any(|waiter| !waiter.is_finished()) {
                line.wake_one();
                coro::cede();
            }
            for waiter in waiters {
                _ = waiter.join();
            }
            finally(move || {
                let (queue, log) = &*line.0;
                assert!(log.borrow().is_sorted(), "{log:?}");
                assert!(queue.is_empty());
            });
        },
    );
}

// Hazard: one that was woken with all, and leaves, wakes somebody who came later.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn of_those_woken_with_all_none_passes_on() {
    prove(&faults().spurious(1).safe_cancels(1).timeouts(1), || {
        let queue = Rc::new(WaitQueue::<()>::new("gate"));
        let told = Rc::new(RefCell::new(Vec::new()));
        let waiters = ["a", "b"].map(|name| {
            let (queue, told) = (queue.clone(), told.clone());
            named(name, move || {
                queue.wait(|left| told.borrow_mut().push(left));
            })
        });
        while waiters.iter().any(|waiter| !waiter.is_finished()) {
            coro::cede();
            queue.wake_all();
        }
        for waiter in waiters {
            _ = waiter.join();
        }
        finally(move || {
            assert!(!told.borrow().contains(&Left::Woken), "{told:?}");
            assert!(queue.is_empty());
        });
    });
}

// Hazard: the place is left when the coro runs, and until then a wake-up goes to one who has gone.
#[test]
fn who_is_safe_cancelled_is_out_of_the_queue_at_once() {
    prove(&Builder::new().spurious(1).throws(1), || {
        let queue = Rc::new(WaitQueue::<()>::new("gate"));
        let theirs = queue.clone();
        let waiter = named("waiter", move || theirs.wait(|_| ()));
        let target = waiter.coro().clone();
        let seen = queue.clone();
        let canceller = named("canceller", move || {
            coro::cede();
            let blocked = seen.coros() == [target.clone()];
            _ = target.safe_cancel();
            assert!(!blocked || seen.is_empty(), "it is still in the queue");
        });
        _ = canceller.join();
        queue.wake_all();
        waiter.cancel();
        _ = waiter.join();
    });
}

// Hazard: a callback is called twice, or never, or the place of one that left is taken for it.
#[test]
fn callbacks_are_called_once_among_those_who_leave() {
    prove(&faults(), || {
        let queue = Rc::new(WaitQueue::<()>::new("gate"));
        let calls = Rc::new(Cell::new(0));
        let waits = |name| {
            let queue = queue.clone();
            named(name, move || {
                queue.wait(|left| {
                    if left == Left::Woken {
                        queue.wake_one();
                    }
                });
            })
        };
        let first = waits("first");
        coro::cede();
        let called = calls.clone();
        queue.enter_callback(move || called.set(called.get() + 1));
        let second = waits("second");
        coro::cede();
        while queue.wake_one() {
            coro::cede();
        }
        queue.wake_all();
        _ = (first.join(), coro::cede());
        while !second.is_finished() {
            queue.wake_one();
            coro::cede();
        }
        _ = second.join();
        finally(move || assert_eq!((calls.get(), queue.len()), (1, 0)));
    });
}

// Hazard: a small one passes a large one that is in front, or waits on when that one has left.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn notes_stay_with_their_waiters() {
    prove(&faults().safe_cancels(1), || {
        let queue = Rc::new(WaitQueue::<u32>::new("parcels"));
        let waiters = [("large", 2), ("small", 1)].map(|(name, note)| {
            let queue = queue.clone();
            named(name, move || {
                let waiter = queue.enter_with(note, |_| ());
                while !waiter.is_woken() {
                    coro::wait_for(&waiter);
                }
                waiter.done();
                note
            })
        });
        coro::cede();
        let mut last = None;
        while waiters.iter().any(|waiter| !waiter.is_finished()) {
            for most in [1, 2] {
                let woken = queue.wake_if(|&note| note <= most);
                if let Some(Woken::Coro(note)) = woken {
                    assert!(note <= most);
                    last = Some(note);
                }
            }
            coro::cede();
        }
        let ends = waiters.map(|waiter| waiter.join().unwrap_or_default());
        assert!(ends[0] == 2 || ends[0] == 0);
        assert!(last.is_some() || ends == [0, 0]);
        finally(move || assert!(queue.is_empty()));
    });
}

// Hazard: the time is over for one that was woken and has not run; or its entry stays.
#[test]
fn who_gives_up_is_out_of_the_queue_and_who_was_woken_does_not() {
    prove(&faults(), || {
        let queue = Rc::new(WaitQueue::<()>::new("gate"));
        let woken = Rc::new(Cell::new(false));
        let (theirs, seen) = (queue.clone(), woken.clone());
        let waiter = named("waiter", move || {
            let me = coro::current();
            let before = me.handle_count();
            let waited = catch_unwind(AssertUnwindSafe(|| theirs.wait_unless(|_| (), || true)));
            assert_eq!(me.handle_count(), before, "an entry was left");
            // Somebody readied it: the waker, or for nothing.
            assert!(!matches!(waited, Ok(false) if seen.get()), "it was woken");
        });
        coro::cede();
        woken.set(queue.wake_one());
        if !woken.get() {
            waiter.cancel();
        }
        _ = waiter.join();
        finally(move || assert!(queue.is_empty()));
    });
}
