//! Section A: wait lists and interrupted waiters, of semaphores, joins and rouses.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{JoinHandle, catch, cede, current, killall, schedule, spawn, wait_for};
use coro_channel::Channel;
use coro_semaphore::Semaphore;
use coro_sync::wait_queue::{Left, WaitQueue};

use super::{INTERRUPTIONS, every_sequence, settle};
use crate::support::{defer, fresh, outcome, semaphore};

/// The two forms of semaphores.
const FORMS: [fn(isize) -> Semaphore; 2] = [Semaphore::new, Semaphore::fair];

/// Spawns a coro that takes a permit and counts that in `through`.
fn taker(sem: &Rc<Semaphore>, through: &Rc<Cell<isize>>) -> JoinHandle<()> {
    let (sem, through) = (Rc::clone(sem), Rc::clone(through));
    spawn(move || {
        sem.down();
        through.set(through.get() + 1);
    })
}

#[test]
fn bug_01_after_the_cancel_of_any_waiters_n_ups_let_n_live_ones_through() {
    fresh(|| {
        for ((_, interrupt), form) in INTERRUPTIONS
            .into_iter()
            .flat_map(|i| FORMS.map(|f| (i, f)))
        {
            for (mask, before, after) in (0..16_u32)
                .flat_map(|mask| (0..4).flat_map(move |b| (0..4).map(move |a| (mask, b, a))))
            {
                let (sem, through) = (Rc::new(form(0)), Rc::new(Cell::new(0)));
                let all: Vec<_> = (0..4).map(|_| taker(&sem, &through)).collect();
                settle();
                (0..before).for_each(|_| sem.up());
                for (i, c) in all.iter().enumerate() {
                    if mask >> i & 1 == 1 {
                        interrupt(c);
                    }
                }
                (0..after).for_each(|_| sem.up());
                settle();
                let live = 4 - mask.count_ones() as isize;
                let (ups, through) = (before + after, through.get());
                let case = format!("{mask:04b}, {before} ups, then {after}");
                assert_eq!(through, live.min(ups), "{case}");
                assert_eq!(sem.count(), ups - through, "{case}");
                assert_eq!(sem.waiters() as isize, live - through, "{case}");
                killall();
            }
        }
    });
}

/// How two coros wait, and what wakes one of them.
pub(super) type WaitAndEvent = (Rc<dyn Fn()>, Rc<dyn Fn()>);

/// Lets two coros wait and throws at the first. Its handler, then a destructor of its frame, calls
/// `event`, which is for the second alone.
#[track_caller]
pub(super) fn has_left_when_its_handler_runs(what: &str, make: impl Fn() -> WaitAndEvent) {
    for in_a_destructor in [false, true] {
        let (wait, event) = make();
        let readied = Rc::new(Cell::new(None));
        let handler = {
            let readied = Rc::clone(&readied);
            move || {
                event();
                readied.set(Some(current().is_ready()));
            }
        };
        let first = spawn({
            let wait = Rc::clone(&wait);
            move || {
                if in_a_destructor {
                    let _handler = defer(handler);
                    wait();
                } else {
                    assert_eq!(outcome(|| wait()), "ex");
                    handler();
                }
            }
        });
        let second = spawn(move || wait());
        settle();
        first.throw("ex");
        settle();
        assert_eq!(readied.get(), Some(false), "{what}");
        assert!(first.is_finished() && second.is_finished(), "{what}");
    }
}

#[test]
fn bug_02_a_waiter_thrown_at_is_in_no_list_when_its_handler_runs() {
    fresh(|| {
        let with_sem = |wait: fn(&Semaphore)| {
            let sem = semaphore(0);
            let up = Rc::clone(&sem);
            let pair: WaitAndEvent = (Rc::new(move || wait(&sem)), Rc::new(move || up.up()));
            pair
        };
        has_left_when_its_handler_runs("down", || with_sem(Semaphore::down));
        has_left_when_its_handler_runs("wait", || with_sem(Semaphore::wait));
        has_left_when_its_handler_runs("acquire", || with_sem(|sem| sem.acquire().forget()));
        has_left_when_its_handler_runs("get", || {
            let channel = Rc::new(Channel::unbounded());
            let source = Rc::clone(&channel);
            let get = move || assert_eq!(channel.get(), Some(1));
            (Rc::new(get), Rc::new(move || source.put(1)))
        });
        has_left_when_its_handler_runs("put", || {
            let channel = Rc::new(Channel::bounded(0));
            let sink = Rc::clone(&channel);
            // One get for the value of the first put, which has put, and one for the second's.
            let get_both = move || _ = (sink.try_get(), sink.try_get());
            (Rc::new(move || channel.put(1)), Rc::new(get_both))
        });
        has_left_when_its_handler_runs("join", || {
            let target = spawn(schedule).coro().clone();
            cede();
            let end = target.clone();
            (
                Rc::new(move || target.join()),
                Rc::new(move || end.cancel()),
            )
        });
    });
}

#[test]
fn bug_03_a_throw_at_a_woken_waiter_passes_the_permit_to_the_next() {
    fresh(|| {
        let sem = semaphore(0);
        let through = Rc::new(Cell::new(0));
        let [first, second, third] = [(); 3].map(|()| taker(&sem, &through));
        settle();
        sem.up();
        assert!(first.is_ready() && !second.is_ready());
        first.throw("ex");
        settle();
        assert!(first.join().is_err_and(|error| error.is_thrown()));
        assert!(second.is_finished() && !third.is_finished());
        assert_eq!((sem.count(), sem.waiters(), through.get()), (0, 1, 1));

        let channel = Rc::new(Channel::unbounded());
        let [first, second] = [(); 2].map(|()| {
            let channel = Rc::clone(&channel);
            spawn(move || channel.get())
        });
        settle();
        channel.put(7);
        first.throw("ex");
        settle();
        assert!(first.join().is_err_and(|error| error.is_thrown()));
        assert_eq!(second.join().unwrap(), Some(7));
    });
}

#[test]
fn bug_04_there_is_no_permit_beside_a_waiter_when_nothing_is_ready() {
    fresh(|| {
        // What is done to one of two waiters, or to the semaphore.
        every_sequence::<5>(10, |moves| {
            let [form, moves @ ..] = moves;
            let Some(form) = FORMS.get(*form) else { return };
            let (sem, through) = (Rc::new(form(0)), Rc::new(Cell::new(0)));
            let all = [(); 2].map(|()| taker(&sem, &through));
            settle();
            let mut ups = 0;
            for &what in moves {
                match what {
                    0 => {
                        sem.up();
                        ups += 1;
                    }
                    1 => cede(),
                    2 | 3 => _ = all[what - 2].ready(),
                    _ => INTERRUPTIONS[(what - 4) / 2].1(&all[what % 2]),
                }
            }
            settle();
            assert!(sem.count() <= 0 || sem.waiters() == 0, "{moves:?}: {sem:?}");
            assert_eq!(sem.count() + through.get(), ups, "{moves:?}");
            killall();
        });
    });
}

#[test]
fn bug_05_an_interrupted_down_leaves_the_count_as_it_was() {
    fresh(|| {
        for ((way, interrupt), form) in INTERRUPTIONS
            .into_iter()
            .flat_map(|i| FORMS.map(|f| (i, f)))
        {
            for (start, ups) in [(0, 0), (-2, 0), (0, 1), (-1, 2), (0, 3)] {
                let (sem, through) = (Rc::new(form(start)), Rc::new(Cell::new(0)));
                let c = taker(&sem, &through);
                settle();
                (0..ups).for_each(|_| sem.up());
                interrupt(&c);
                settle();
                let case = format!("{way}, from {start}, {ups} ups");
                assert_eq!((sem.count(), sem.waiters()), (start + ups, 0), "{case}");
                assert!(c.is_finished() && through.get() == 0, "{case}");
            }
        }
        // Raised on entry: there is a permit, and it is not taken.
        let sem = semaphore(1);
        current().throw("ex");
        assert_eq!(outcome(|| sem.down()), "ex");
        assert_eq!(sem.count(), 1);
    });
}

#[test]
fn bug_06_the_permit_is_passed_on_after_any_number_of_spurious_wake_ups() {
    fresh(|| {
        for (way, interrupt) in INTERRUPTIONS {
            for (spurious, snatched) in (0..5).flat_map(|n| [(n, false), (n, true)]) {
                let (sem, through) = (semaphore(0), Rc::new(Cell::new(0)));
                let first = taker(&sem, &through);
                settle();
                for _ in 0..spurious {
                    assert!(first.ready());
                    settle();
                }
                if snatched {
                    // A wake-up whose permit somebody else takes is spurious as well.
                    sem.up();
                    assert!(sem.try_down());
                    settle();
                }
                let second = taker(&sem, &through);
                settle();
                sem.up();
                assert!(first.is_ready());
                interrupt(&first);
                settle();
                let case = format!("{way}, {spurious} spurious wake-ups, {snatched}");
                assert!(second.is_finished(), "{case}");
                assert_eq!((sem.count(), sem.waiters()), (0, 0), "{case}");
            }
        }
    });
}

#[test]
fn bug_12_adjust_lets_as_many_through_as_there_are_permits_then() {
    fresh(|| {
        let cases = (-3..=0).flat_map(|start| (0..=7).map(move |by| (start, by)));
        for (form, (start, by)) in cases.flat_map(|case| FORMS.map(|form| (form, case))) {
            let (sem, through) = (Rc::new(form(start)), Rc::new(Cell::new(0)));
            let all = [(); 4].map(|()| taker(&sem, &through));
            settle();
            sem.adjust(by);
            let woken = all.iter().filter(|c| c.is_ready()).count() as isize;
            settle();
            let expected = (start + by).clamp(0, 4);
            assert_eq!(woken, expected, "from {start} by {by}");
            assert_eq!(through.get(), expected, "from {start} by {by}");
            assert_eq!(sem.count(), start + by - expected);
            killall();
        }
    });
}

#[test]
fn bug_15_the_undoing_of_a_wait_happens_once_at_most_and_never_after_it_ended() {
    fresh(|| {
        for (way, interrupt) in INTERRUPTIONS {
            for (woken, twice) in [(false, false), (false, true), (true, false), (true, true)] {
                let queue = Rc::new(WaitQueue::new("test"));
                let told = Rc::new(RefCell::new(Vec::new()));
                let c = spawn({
                    let (queue, told) = (Rc::clone(&queue), Rc::clone(&told));
                    move || {
                        let _late = defer(|| drop(catch(cede)));
                        let waiter = queue.enter(|left| told.borrow_mut().push(left));
                        wait_for(&waiter);
                        waiter.done();
                    }
                });
                settle();
                if woken {
                    assert!(queue.wake_one());
                }
                interrupt(&c);
                if twice {
                    interrupt(&c);
                }
                settle();
                assert!(c.is_finished() && queue.is_empty());
                let expected = if woken { Left::Woken } else { Left::Waiting };
                assert_eq!(told.take(), [expected], "{way}, {twice}");
            }
            // A wait that has ended is not undone, whatever comes later.
            let queue = Rc::new(WaitQueue::new("test"));
            let c = spawn({
                let queue = Rc::clone(&queue);
                move || {
                    let waiter = queue.enter(|_| unreachable!("the wait has ended"));
                    wait_for(&waiter);
                    waiter.done();
                    schedule();
                }
            });
            settle();
            queue.wake_one();
            settle();
            interrupt(&c);
            settle();
            assert!(c.is_finished());
        }
    });
}
