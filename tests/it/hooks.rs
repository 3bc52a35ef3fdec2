//! What policies and observers are asked and told, and what tells how coros stand.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::{Duration, Instant};

use coro::{Coro, End, Event, Observer, OverdueKey, Policy, Timers, spawn};

use crate::support::Log;

/// Readies a coro before the first choice, and notes who stood in the queue at each.
struct Readies {
    whom: Option<Coro>,
    prepared: Rc<Cell<u32>>,
    seen: Rc<RefCell<Vec<Vec<u64>>>>,
}

impl Policy for Readies {
    fn prepare(&mut self) {
        self.prepared.set(self.prepared.get() + 1);
        if let Some(coro) = self.whom.take() {
            coro.ready();
        }
    }

    fn next(&mut self, ready: &[Coro]) -> usize {
        let ids = ready.iter().map(Coro::id).collect();
        self.seen.borrow_mut().push(ids);
        ready.len() - 1
    }
}

#[test]
fn who_is_readied_in_prepare_can_be_chosen_at_once() {
    let sleeper = spawn(coro::schedule);
    coro::cede();
    let other = spawn(|| ());
    let (prepared, seen) = (Rc::new(Cell::new(0)), Rc::<RefCell<Vec<_>>>::default());
    coro::set_policy(Some(Box::new(Readies {
        whom: Some(sleeper.coro().clone()),
        prepared: prepared.clone(),
        seen: seen.clone(),
    })));
    let (main, late) = (coro::main().id(), sleeper.coro().id());
    coro::cede();
    coro::set_policy(None);
    let first = [other.coro().id(), main, late];
    assert_eq!(seen.borrow()[..], [first.to_vec(), first[..2].to_vec()]);
    assert_eq!(prepared.get(), 2);
    assert!(sleeper.coro().is_finished() && !other.coro().is_finished());
}

#[test]
fn what_is_cancelled_in_prepare_is_not_in_the_list() {
    struct Cancels(Option<Coro>, Rc<Cell<usize>>);
    impl Policy for Cancels {
        fn prepare(&mut self) {
            if let Some(coro) = self.0.take() {
                coro.cancel();
            }
        }
        fn next(&mut self, ready: &[Coro]) -> usize {
            self.1.set(ready.len());
            0
        }
    }
    let gone = spawn(|| ());
    let seen = Rc::new(Cell::new(0));
    let policy = Cancels(Some(gone.coro().clone()), seen.clone());
    coro::set_policy(Some(Box::new(policy)));
    coro::cede();
    coro::set_policy(None);
    assert!(gone.coro().is_finished());
    assert_eq!(seen.get(), 1); // main
}

#[test]
fn prepare_is_not_called_while_nobody_is_ready() {
    let (prepared, seen) = (Rc::new(Cell::new(0)), Rc::<RefCell<Vec<_>>>::default());
    coro::set_policy(Some(Box::new(Readies {
        whom: None,
        prepared: prepared.clone(),
        seen,
    })));
    let (main, idles) = (coro::main(), Rc::new(Cell::new(0)));
    let idled = idles.clone();
    // Only an entry in the queue, of one that cannot run.
    let held = spawn(|| ());
    held.coro().suspend();
    coro::set_idle(Some(Box::new(move || {
        idled.set(idled.get() + 1);
        if idled.get() == 3 {
            main.ready();
        }
        coro::Outlook::Progress
    })));
    coro::schedule();
    coro::set_idle(None);
    coro::set_policy(None);
    assert_eq!((idles.get(), prepared.get()), (3, 1));
}

/// Notes how coros end.
struct Ends(Rc<RefCell<Vec<End>>>);

impl Observer for Ends {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Ended { how, .. } = event {
            self.0.borrow_mut().push(*how);
        }
    }
}

/// Returns how the coros end that `f` makes.
fn ends(f: impl FnOnce()) -> Vec<End> {
    let ends = Rc::new(RefCell::new(Vec::new()));
    let old = coro::set_observer(Some(Box::new(Ends(ends.clone()))));
    f();
    coro::set_observer(old);
    ends.take()
}

#[test]
fn an_observer_is_told_how_a_coro_ended() {
    let told = ends(|| {
        spawn(|| ()).join().unwrap();
        assert!(
            spawn(|| panic!("on purpose"))
                .join()
                .unwrap_err()
                .is_panic()
        );
        let cancelled = spawn(coro::schedule);
        coro::cede();
        cancelled.cancel();
        spawn(|| ()).cancel();
        let thrown = spawn(coro::schedule);
        coro::cede();
        thrown.throw("a word");
        assert!(thrown.join().unwrap_err().is_thrown());
        let late = spawn(|| {
            loop {
                coro::schedule();
            }
        });
        coro::cede();
        late.coro().set_overdue(OverdueKey::unique());
        assert!(late.join().unwrap_err().is_cancelled());
        spawn(|| -> () { coro::terminate(()) }).join().unwrap();
    });
    let expected = [
        End::Returned,
        End::Panicked,
        End::Cancelled,
        End::Cancelled,
        End::Thrown,
        End::Cancelled,
        End::Returned,
    ];
    assert_eq!(told, expected);
}

#[test]
fn an_observer_is_told_of_a_panic_that_nobody_will_take() {
    let told = ends(|| {
        drop(spawn(|| panic!("on purpose")));
        coro::cede();
    });
    assert_eq!(told, [End::Panicked]);
}

#[test]
fn a_panic_that_was_caught_is_no_end() {
    let told = ends(|| {
        spawn(|| _ = catch_unwind(AssertUnwindSafe(|| panic!("on purpose"))))
            .join()
            .unwrap();
    });
    assert_eq!(told, [End::Returned]);
}

/// Two alarms.
struct Alarms(Vec<(Instant, Coro)>);

impl Timers for Alarms {
    fn fire(&mut self, now: Instant) {
        self.0.retain(|(at, coro)| {
            let is_due = *at <= now;
            if is_due {
                coro.ready();
            }
            !is_due
        });
    }

    fn deadline(&self) -> Option<Instant> {
        self.0.iter().map(|alarm| alarm.0).min()
    }
}

#[test]
fn fire_timers_readies_who_is_due_at_once_and_tells_the_next_deadline() {
    let sleepers = [spawn(coro::schedule), spawn(coro::schedule)];
    coro::cede();
    assert_eq!(coro::fire_timers(), None);
    let (now, later) = (Instant::now(), Instant::now() + Duration::from_secs(1_000));
    let alarms = [now, later]
        .into_iter()
        .zip(sleepers.iter().map(|c| c.coro().clone()));
    coro::set_timers(Some(Box::new(Alarms(alarms.collect()))));
    assert_eq!(coro::fire_timers(), Some(later));
    coro::set_timers(None);
    assert!(sleepers[0].coro().is_ready() && !sleepers[1].coro().is_ready());
    sleepers[1].coro().ready();
}

#[test]
fn a_handle_in_a_queue_counts() {
    let c = spawn(coro::schedule);
    let coro = c.coro().clone();
    coro::cede();
    let asleep = coro.handle_count();
    coro.ready();
    assert_eq!(coro.handle_count(), asleep + 1);
    c.join().unwrap();
    assert_eq!(coro.handle_count(), 1);
}

#[test]
fn who_joins_or_is_roused_is_not_stranded() {
    let target = spawn(coro::schedule);
    let joined = target.coro().clone();
    let joiner = spawn(move || joined.join());
    let callback = Rc::new(Cell::new(None));
    let place = callback.clone();
    let waiter = spawn(move || {
        let (call, answer) = coro::rouse::<u32>();
        place.set(Some(call));
        answer.wait()
    });
    coro::cede();
    assert!(!joiner.coro().is_stranded() && !waiter.coro().is_stranded());
    assert!(
        !target.coro().is_stranded(),
        "nobody knows what it waits for"
    );
    target.coro().ready();
    joiner.join().unwrap();
    callback.take().unwrap().call(1);
    assert!(!waiter.coro().is_stranded(), "it is ready");
    assert_eq!(waiter.join().unwrap(), Some(1));
}

#[test]
fn what_is_due_by_an_installed_clock_is_served_at_the_next_switch() {
    struct Hands(Rc<Cell<Instant>>);
    impl coro::Clock for Hands {
        fn now(&self) -> Instant {
            self.0.get()
        }
        fn skip_to(&self, deadline: Instant) -> bool {
            self.0.set(deadline);
            true
        }
    }
    let start = Instant::now();
    let hands = Rc::new(Cell::new(start));
    coro::set_clock(Some(Box::new(Hands(hands.clone()))));
    let sleeper = spawn(coro::schedule);
    coro::cede();
    let at = start + Duration::from_secs(1);
    coro::set_timers(Some(Box::new(Alarms(vec![(at, sleeper.coro().clone())]))));
    // So many that the dispatcher no longer looks at the outside each time.
    (0..100).for_each(|_| coro::cede());
    assert!(!sleeper.coro().is_ready());
    hands.set(at);
    let other = spawn(|| ());
    coro::cede();
    assert!(other.coro().is_finished());
    assert!(sleeper.coro().is_ready() || sleeper.coro().is_finished());
    coro::set_timers(None);
    coro::set_clock(None);
    sleeper.join().unwrap();
}

#[test]
fn cede_notself_finds_who_is_behind_a_suspended_coro_whatever_its_priority() {
    let held = spawn(|| ());
    let low = coro::Builder::new().prio(coro::Prio::LOW).spawn(|| ());
    held.coro().suspend();
    coro::cede_notself();
    assert!(low.coro().is_finished() && !held.coro().is_finished());
    let switches = coro::current().use_count();
    held.coro().ready();
    coro::cede_notself(); // nobody else can run
    assert_eq!(coro::current().use_count(), switches);
    held.coro().resume();
    held.coro().ready();
    held.join().unwrap();
}

#[test]
fn cede_notself_takes_the_entries_out_that_it_passes_over() {
    let log = Log::new();
    let [dead, held, first, second] =
        ["dead", "held", "first", "second"].map(|name| spawn(move || log.say(name)));
    dead.cancel();
    held.coro().suspend();
    let before = coro::ready_count();
    coro::cede_notself();
    log.expect(["first", "second"]);
    // It is no longer queued, so to be resumed does not make it run.
    assert!(!held.coro().is_ready());
    held.coro().resume();
    coro::cede_notself();
    log.expect([]);
    assert_eq!(coro::ready_count(), before - 3);
    assert!(first.is_finished() && second.is_finished());
    held.coro().ready();
    held.join().unwrap();
}

/// Notes who was thrown into, cancelled or readied, and by whom, and what was said.
struct Struck(Rc<RefCell<Vec<String>>>);

impl Observer for Struck {
    fn event(&mut self, event: &Event<'_>) {
        let name = |coro: &Coro| {
            coro.desc()
                .map_or("main".to_owned(), |desc| desc.to_string())
        };
        let line = match event {
            Event::Thrown { coro, by } => format!("{} throws into {}", name(by), name(coro)),
            Event::Cancelled { coro, by } => format!("{} cancels {}", name(by), name(coro)),
            Event::Readied { coro, by } => format!("{} readies {}", name(by), name(coro)),
            Event::Noted { coro, text } => format!("{}: {text}", name(coro)),
            Event::Ended { coro, how } => format!("{} ends: {how:?}", name(coro)),
            _ => return,
        };
        self.0.borrow_mut().push(line);
    }
}

/// Returns what an observer is told of interruptions while `f` runs.
fn struck(f: impl FnOnce()) -> Vec<String> {
    let told = Rc::<RefCell<Vec<_>>>::default();
    coro::set_observer(Some(Box::new(Struck(told.clone()))));
    f();
    coro::set_observer(None);
    told.take()
}

fn named(name: &str, f: impl FnOnce() + 'static) -> coro::JoinHandle<()> {
    let c = coro::Builder::new().desc(name).spawn(f);
    coro::cede();
    c
}

#[test]
fn an_observer_is_told_of_a_throw_before_it_readies() {
    let (c, behind) = (named("c", coro::schedule), spawn(|| ()));
    let told = struck(|| {
        c.throw("so");
        c.throw("or so"); // it is ready
    });
    assert_eq!(
        told,
        ["main throws into c", "main readies c", "main throws into c"]
    );
    drop((c, behind));
}

#[test]
fn an_observer_is_told_of_each_kind_of_cancel_and_by_whom() {
    let [one, two, three] = ["one", "two", "three"].map(|name| named(name, coro::schedule));
    let told = struck(|| one.cancel());
    assert_eq!(told[..2], ["main cancels one", "one ends: Cancelled"]);
    let told = struck(|| two.safe_cancel().unwrap());
    assert_eq!(told, ["main cancels two", "main readies two"]);
    let target = three.coro().clone();
    let told = struck(|| drop(named("killer", move || target.cancel())));
    assert!(
        told.contains(&"killer cancels three".to_owned()),
        "{told:?}"
    );
    let told = struck(|| drop(named("self", || coro::current().cancel())));
    assert!(told.contains(&"self cancels self".to_owned()), "{told:?}");
}

#[test]
fn nothing_is_told_of_what_interrupts_nobody() {
    let ended = named("ended", || ());
    let new = coro::Builder::new().desc("new").build(|| ());
    let told = struck(|| {
        ended.cancel();
        ended.throw("late");
        ended.safe_cancel().unwrap();
        new.cancel();
    });
    assert_eq!(told, ["new ends: Cancelled"]);
}

#[test]
fn a_note_is_told_at_once_and_is_not_made_for_nobody() {
    struct Costly(Rc<Cell<u32>>);
    impl std::fmt::Display for Costly {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.0.set(self.0.get() + 1);
            f.write_str("here")
        }
    }
    let made = Rc::new(Cell::new(0));
    coro::note(Costly(made.clone()));
    assert_eq!(made.get(), 0);
    let ours = made.clone();
    let told = struck(|| {
        coro::note(Costly(made.clone()));
        drop(named("c", move || coro::note(Costly(ours))));
    });
    assert_eq!(made.get(), 2);
    assert_eq!(told[0], "main: here");
    assert!(told.contains(&"c: here".to_owned()), "{told:?}");
}

#[test]
fn a_note_of_many_parts_is_told_whole() {
    let told = struck(|| coro::note(format_args!("{}{}{}{}", "ä", "", "🦀".repeat(100), 7)));
    assert_eq!(told[0], format!("main: ä{}7", "🦀".repeat(100)));
}

#[test]
fn who_has_cancelled_waits_for_the_cancel_until_it_is_switched_back_to() {
    struct Looks;
    impl Drop for Looks {
        fn drop(&mut self) {
            let report = coro::report();
            let main = report.coros().iter().find(|row| row.id() == 0);
            let wait = main.and_then(|row| row.wait()).expect("it waits");
            assert_eq!(wait.what(), "cancel");
        }
    }
    let victim = coro::spawn(|| {
        let _looks = Looks;
        coro::schedule();
    });
    coro::cede();
    victim.cancel();
    assert!(victim.join().is_err_and(|error| error.is_cancelled()));
}
