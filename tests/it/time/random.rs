//! Random timers and sleepers against a sorted map of deadlines.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use coro::{JoinHandle, cede};
use coro_time::{Timer, VirtualClock, armed, sleep_until};
use proptest::prelude::*;
use proptest::sample::Index;

use super::begin;

#[derive(Clone, Debug)]
enum Op {
    /// A coro sleeps for so long, above zero.
    Sleep(u64),
    /// A coro makes a timer and waits to be readied.
    Arm(u64),
    Cancel(Index),
    Throw(Index),
    SafeCancel(Index),
    Spurious(Index),
    Advance(u64),
    /// Time passes by itself.
    Idle(u64),
}

fn op() -> impl Strategy<Value = Op> {
    let index = any::<Index>;
    prop_oneof![
        4 => (1..20_u64).prop_map(Op::Sleep),
        3 => (0..20_u64).prop_map(Op::Arm),
        1 => index().prop_map(Op::Cancel),
        1 => index().prop_map(Op::Throw),
        1 => index().prop_map(Op::SafeCancel),
        1 => index().prop_map(Op::Spurious),
        2 => (0..9_u64).prop_map(Op::Advance),
        1 => (1..9_u64).prop_map(Op::Idle),
    ]
}

const fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// The names of those whose time has come, in the order in which they went on.
type Served = Rc<RefCell<Vec<usize>>>;

/// Makes a coro that waits as `op` says, and returns when its time comes.
fn waiter(
    served: &Served,
    name: usize,
    clock: &VirtualClock,
    op: &Op,
) -> Option<(u64, JoinHandle<()>)> {
    let (now, served) = (clock.now(), served.clone());
    let c = match *op {
        Op::Sleep(time) => begin(move || {
            sleep_until(now + millis(time));
            served.borrow_mut().push(name);
        }),
        Op::Arm(time) => begin(move || {
            let timer = Timer::at(now + millis(time));
            // It is readied exactly when the timer is served.
            coro::schedule();
            assert!(timer.is_due());
            served.borrow_mut().push(name);
        }),
        _ => return None,
    };
    let (Op::Sleep(time) | Op::Arm(time)) = *op else {
        return None;
    };
    Some((clock.elapsed().as_millis() as u64 + time, c))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn they_are_served_as_a_sorted_map_says(ops in prop::collection::vec(op(), 0..120)) {
        let clock = VirtualClock::install();
        let served = Served::default();
        let mut model = BTreeMap::new();
        let mut all = Vec::new();
        for (name, op) in ops.iter().enumerate() {
            let now = || clock.elapsed().as_millis() as u64;
            let chosen = |index: &Index| (!all.is_empty()).then(|| index.index(all.len()));
            let interrupted = match op {
                Op::Cancel(index) | Op::Throw(index) | Op::SafeCancel(index) => chosen(index),
                _ => None,
            };
            if let Some((at, c)) = waiter(&served, name, &clock, op) {
                model.insert((at, name), ());
                all.push((at, name, matches!(op, Op::Sleep(_)), c));
            } else if let Some(chosen) = interrupted {
                let (at, name, _, c) = &all[chosen];
                match op {
                    Op::Cancel(_) => c.cancel(),
                    Op::Throw(_) => drop(c.throw("ex")),
                    _ => c.safe_cancel().expect("it is not shielded"),
                }
                model.remove(&(*at, *name));
                cede();
            } else if let Op::Spurious(index) = op {
                // Only sleepers take no notice.
                if let Some((.., true, c)) = chosen(index).map(|chosen| &all[chosen]) {
                    c.ready();
                    cede();
                }
            } else if let Op::Advance(time) = op {
                clock.advance(millis(*time));
                cede();
            } else if let Op::Idle(time) = op {
                coro_time::sleep(millis(*time));
                // Those of the same moment that were armed later are ready now.
                cede();
            }
            // A timer armed for the present is served when the OS thread next looks.
            clock.advance(Duration::ZERO);
            cede();
            let later = model.split_off(&(now() + 1, 0));
            let due = std::mem::replace(&mut model, later);
            let expected: Vec<_> = due.keys().map(|(_, name)| *name).collect();
            prop_assert_eq!(served.take(), expected);
            prop_assert_eq!(armed(), model.len());
        }
        for (.., c) in all {
            c.cancel();
        }
        prop_assert_eq!(armed(), 0);
    }
}
