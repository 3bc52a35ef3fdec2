//! Running the steps that concern `coro-channel` and `coro-specific`.

use std::cell::Cell;
use std::rc::Rc;

use coro_channel::{Arm, JoinSet, Select, join_arm, oneshot, select};
use coro_specific::coro_local;
use coro_time::after;

use super::program::{Op, Step};
use super::steps::{Kept, body, roomy, run};
use super::sync::apart;
use super::world::{Awaits, Cx, Value, Waits, World, ms, pick};

coro_local! {
    static LOCAL: Cell<Option<Value>> = Cell::new(None);
}

pub(crate) fn one(w: &Rc<World>, cx: Cx, step: &Step, kept: &mut Kept) {
    match step.op {
        op if op < Op::Select => channel(w, cx, step),
        op if op < Op::Oneshot => choice(w, cx, step),
        op if op < Op::SetSpawn => once(w, cx, step),
        op if op < Op::SpecSet => set(w, cx, step, kept),
        _ => local(w, cx, step),
    }
}

fn channel(w: &Rc<World>, cx: Cx, step: &Step) {
    let Step {
        op, b, ref body, ..
    } = *step;
    let a = usize::from(step.a) % 6;
    let channel = &w.channels[a];
    let forever = w.may_wait(cx);
    match op {
        Op::Put if forever => apart(|| {
            let _waits = Waits::new(&w.puts[a]);
            channel.put(Value::calm(body));
        }),
        Op::Get if forever => apart(|| {
            let waits = Waits::new(&w.gets[a]);
            let value = channel.get();
            drop(waits);
            drop(value);
        }),
        Op::TryPut => drop(channel.try_put(Value::new(body))),
        Op::TryGet => drop(channel.try_get()),
        Op::PutTimeout => apart(|| {
            let waits = (Waits::new(&w.timed), Waits::new(&w.puts[a]));
            let put = channel.put_timeout(Value::calm(body), ms(b));
            drop(waits);
            drop(put);
        }),
        Op::GetTimeout => apart(|| {
            let waits = (Waits::new(&w.timed), Waits::new(&w.gets[a]));
            let value = channel.get_timeout(ms(b));
            drop(waits);
            drop(value);
        }),
        Op::ChAdjust => channel.adjust(b as isize - 1),
        Op::ChShutdown => channel.shutdown(),
        _ => {}
    }
}

fn choice(w: &Rc<World>, cx: Cx, step: &Step) {
    let Step {
        op, b, ref body, ..
    } = *step;
    let a = usize::from(step.a);
    let b = usize::from(b);
    let (get, put) = (&w.channels[a % 6], &w.channels[b % 6]);
    let (sem, count) = (&w.sems[a % 4], &w.counts[a % 4]);
    let forever = w.may_wait(cx);
    match op {
        Op::Select if forever => apart(|| {
            let awaits = Awaits::new(&w.sent[b % 2]);
            select! {
                value = get.get_arm() => drop((awaits, value)),
                () = put.put_arm(Value::new(body)) => drop(awaits),
                _guard = sem.acquire_arm() => {
                    drop(awaits);
                    run(w, cx, body);
                }
                () = w.signals[b % 2].wait_arm() => awaits.done(),
            }
        }),
        Op::SelectBiased if forever => apart(|| {
            let coro = w.coro(step.a);
            if coro == coro::current() {
                return;
            }
            select! {
                biased;
                () = sem.down_arm() => count.set(count.get() - 1),
                value = put.get_arm() => drop(value),
                () = join_arm(&coro) => (),
            }
        }),
        Op::SelectTimer => apart(|| {
            let _clock = Waits::new(&w.clocks);
            let waits = Waits::new(&w.timed);
            select! {
                value = get.get_arm() => drop((waits, value)),
                result = w.joinset.join_next_arm() => drop((waits, result)),
                () = after(ms(step.b)) => drop(waits),
            }
        }),
        Op::SelectTimeout => apart(|| {
            let put = get.put_arm(Value::calm(body));
            let (get, down) = (get.get_arm(), w.sems[b % 4].down_arm());
            let waits = Waits::new(&w.timed);
            let taken = Select::new(&[&put, &get, &down]).wait_timeout(ms(step.b));
            drop(waits);
            match taken {
                Ok(1) => drop(get.take()),
                Ok(2) => w.counts[b % 4].set(w.counts[b % 4].get() - 1),
                _ => {}
            }
        }),
        Op::SelectDefault => select! {
            value = get.get_arm() => drop(value),
            () = put.put_arm(Value::new(body)) => (),
            () = sem.down_arm() => count.set(count.get() - 1),
            default => (),
        },
        _ => {}
    }
}

fn once(w: &Rc<World>, cx: Cx, step: &Step) {
    let Step {
        op, a, ref body, ..
    } = *step;
    let forever = w.may_wait(cx);
    let make = || {
        let (sender, receiver) = oneshot();
        w.senders.borrow_mut().push(sender);
        receiver
    };
    match op {
        Op::Oneshot if forever => drop(make().get()),
        Op::OneshotTimeout => apart(|| {
            let receiver = make();
            let waits = Waits::new(&w.timed);
            let value = receiver.get_timeout(ms(a));
            drop(waits);
            drop(value);
        }),
        Op::OneshotSelect if forever => apart(|| {
            let receiver = make();
            let a = usize::from(a) % 2;
            let awaits = Awaits::new(&w.sent[a]);
            select! {
                value = receiver.get_arm() => drop((awaits, value)),
                () = w.signals[a].wait_arm() => awaits.done(),
            }
        }),
        Op::OneshotKeep => apart(|| {
            let receiver = make();
            w.receivers.borrow_mut().push(receiver);
        }),
        Op::OneshotGet if forever => apart(|| {
            if let Some(receiver) = pick(&w.receivers, a) {
                drop(receiver.get());
            }
        }),
        Op::ReceiverDrop => drop(pick(&w.receivers, a)),
        Op::OneshotSend => apart(|| {
            if let Some(sender) = pick(&w.senders, a) {
                drop(sender.send(Value::new(body)));
            }
        }),
        Op::SenderDrop => drop(pick(&w.senders, a)),
        _ => {}
    }
}

fn set(w: &Rc<World>, cx: Cx, step: &Step, kept: &mut Kept) {
    match step.op {
        Op::SetSpawn => apart(|| {
            let coro = w.joinset.spawn_with(roomy(), body(&step.body));
            w.coros.borrow_mut().push(coro);
        }),
        Op::SetNext if !cx.careful => apart(|| {
            let waits = Waits::new(&w.set_waits);
            let result = w.joinset.join_next();
            drop(waits);
            drop(result);
        }),
        Op::SetTry => drop(w.joinset.try_join_next()),
        Op::SetTimeout => apart(|| {
            let waits = Waits::new(&w.timed);
            let result = w.joinset.join_next_timeout(ms(step.a));
            drop(waits);
            drop(result);
        }),
        Op::SetLocal => apart(|| {
            let set = JoinSet::new();
            let coro = set.spawn_with(roomy(), body(&step.body));
            w.coros.borrow_mut().push(coro);
            kept.push(Box::new(set));
        }),
        _ => {}
    }
}

fn local(w: &Rc<World>, cx: Cx, step: &Step) {
    let value = Value::new(&step.body);
    // Main's are never dropped.
    let in_main = coro::current() == coro::main();
    match step.op {
        Op::SpecSet if !in_main => w.specific.set(value),
        Op::SpecTake => drop(w.specific.take()),
        Op::SpecWith => w.specific.with(|_| run(w, cx, &step.body)),
        Op::KeySet if !in_main => drop(LOCAL.replace(Some(value))),
        Op::InheritSet => w.inherited.set(value),
        _ => {}
    }
}
