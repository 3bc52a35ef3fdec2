//! Callbacks that wake callbacks: one is called when the other has returned, whatever they wait for.

use std::rc::Rc;

use coro::spawn;
use coro_semaphore::Semaphore;
use coro_sync::Signal;

use crate::semaphore::FORMS;
use crate::support::{Log, defer, die, in_a_process, semaphore};

/// Nested, they would need more than the default stack, and end the process.
const MANY: usize = 20_000;

#[test]
fn a_chain_of_callbacks_on_a_semaphore_needs_no_stack() {
    in_a_process(
        "callbacks::a_chain_of_callbacks_on_a_semaphore_needs_no_stack",
        || {
            for (form, new) in FORMS {
                let sem = Rc::new(new(0));
                for _ in 0..MANY {
                    let theirs = Rc::clone(&sem);
                    sem.wait_with(move || {
                        assert!(theirs.try_down());
                        theirs.up();
                    });
                }
                let theirs = Rc::clone(&sem);
                spawn(move || theirs.up()).join().unwrap();
                assert_eq!((sem.count(), sem.waiters()), (1, 0), "{form}");
            }
        },
    );
}

#[test]
fn a_chain_of_callbacks_on_a_signal_needs_no_stack() {
    in_a_process(
        "callbacks::a_chain_of_callbacks_on_a_signal_needs_no_stack",
        || {
            let signal = Rc::new(Signal::new());
            for _ in 0..MANY {
                let theirs = Rc::clone(&signal);
                signal.wait_with(move || theirs.send());
            }
            assert_eq!(signal.awaited(), MANY);
            let theirs = Rc::clone(&signal);
            spawn(move || theirs.send()).join().unwrap();
            assert_eq!(signal.awaited(), 0);
            // The last one found nobody.
            let shown = format!("{signal:?}");
            assert!(shown.contains("sent: true"), "{shown}");
        },
    );
}

#[test]
fn a_chain_of_callbacks_over_many_semaphores_needs_no_stack() {
    in_a_process(
        "callbacks::a_chain_of_callbacks_over_many_semaphores_needs_no_stack",
        || {
            let all: Vec<_> = (0..=MANY).map(|_| semaphore(0)).collect();
            for pair in all.windows(2) {
                let next = Rc::clone(&pair[1]);
                pair[0].wait_with(move || next.up());
            }
            let first = Rc::clone(&all[0]);
            spawn(move || first.up()).join().unwrap();
            assert_eq!(all[MANY].count(), 1);
        },
    );
}

#[test]
fn a_callback_woken_within_another_is_called_when_that_has_returned() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    let [outer, inner, last] = [0, 0, 0].map(semaphore);
    let (theirs, after, sent) = (inner.clone(), last.clone(), signal.clone());
    outer.wait_with(move || {
        log.say("outer begins");
        theirs.up();
        sent.send();
        // It is no longer in its queue, although it has not been called.
        log.say(format!(
            "{} wait, {} permit",
            theirs.waiters(),
            theirs.count()
        ));
        log.say("outer returns");
    });
    inner.wait_with(move || {
        log.say("inner begins");
        after.up();
        log.say("inner returns");
    });
    signal.wait_with(move || log.say("signal"));
    last.wait_with(move || log.say("last"));
    outer.up();
    log.say("up returned");
    log.expect([
        "outer begins",
        "0 wait, 1 permit",
        "outer returns",
        "inner begins",
        "inner returns",
        "signal",
        "last",
        "up returned",
    ]);
}

#[test]
fn a_callback_woken_within_one_that_panics_is_called() {
    let log = Log::new();
    let [outer, inner, dropped]: [Rc<Semaphore>; 3] = [0, 0, 0].map(semaphore);
    let (theirs, at_its_drop) = (inner.clone(), dropped.clone());
    let last_words = defer(move || at_its_drop.up());
    outer.wait_with(move || {
        let (_over, _last_words) = (log.mark("outer is over"), last_words);
        theirs.up();
        die("in a callback");
    });
    inner.wait_with(move || log.say("inner"));
    dropped.wait_with(move || log.say("woken by the unwinding"));
    outer.up();
    log.expect(["outer is over", "inner", "woken by the unwinding"]);
    // The next ones are called at once again.
    outer.wait_with(move || log.say("at once"));
    log.expect(["at once"]);
}
