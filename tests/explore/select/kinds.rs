//! Every kind of arm that the crates make.

use std::rc::Rc;

use coro_channel::{Arm, Channel, JoinSet, Select, join_arm, oneshot};
use coro_sync::{Semaphore, Signal};

use super::{SHORT, explore_strikes, faults, named};

// All kinds of arms; each of them can be had in some schedule. Hazard: one wakes nobody.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn every_kind_of_arm_wakes_the_select() {
    let builder = faults().spurious(1);
    for kind in 0..9 {
        explore_strikes(&format!("kind {kind}"), &builder, "select", move || {
            let never = Rc::new(Channel::<u8>::unbounded());
            let values = Rc::new(Channel::unbounded());
            let (permits, signal) = (Rc::new(Semaphore::new(0)), Rc::new(Signal::new()));
            let set = Rc::new(JoinSet::new());
            let lasting = (kind == 3).then(|| set.spawn(coro::schedule));
            let (sender, receiver) = oneshot();
            let coro = match kind {
                5 => named("ending", || ()).coro().clone(),
                _ => coro::current(),
            };
            let (value, sem, sent, members) =
                (values.clone(), permits.clone(), signal.clone(), set.clone());
            let filled = Rc::new(Channel::bounded(1));
            filled.put(1);
            let full = filled.clone();
            let selecting = named("select", move || {
                let (value, permit, sent) = (value.get_arm(), sem.down_arm(), sent.wait_arm());
                let (member, one) = (members.join_next_arm(), receiver.get_arm());
                let (end, never) = (join_arm(&coro), never.get_arm());
                let (guard, slot) = (sem.acquire_arm(), full.put_arm(2));
                let time = coro_time::after(SHORT);
                let arms: [&dyn Arm; 9] = [
                    &value, &permit, &sent, &member, &one, &end, &guard, &slot, &time,
                ];
                assert_eq!(Select::new(&[&never, arms[kind]]).wait(), 1);
            });
            coro::cede();
            match kind {
                0 => values.put(1),
                1 | 6 => permits.up(),
                2 => signal.send(),
                3 => _ = lasting.map(|member| member.safe_cancel()),
                4 => _ = sender.send(1),
                7 => assert_eq!(filled.get(), Some(1)),
                // The coro ends, the time passes.
                _ => {}
            }
            _ = selecting.join();
            drop(set);
        });
    }
}
