//! Running the steps that concern the kernel; the others are passed on.

use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;

use coro::{Builder, Coro, Event, Observer, OverdueKey, Policy, Prio};
use coro_time::{Timer, interval, join_timeout, sleep, timeout};

use super::program::{Op, Step};
use super::world::{Cx, Value, Waits, World, ms, pick, swallow, world};
use super::{channels, sync};

/// What lives until the end of a list of steps.
pub(crate) type Kept = Vec<Box<dyn Any>>;

/// Runs a list of steps.
pub(crate) fn run(w: &Rc<World>, cx: Cx, steps: &[Step]) {
    let mut kept: Kept = Vec::new();
    for step in steps {
        if !w.may_go_on() {
            return;
        }
        one(w, cx, step, &mut kept);
        if coro_time::armed() > w.timed.get() + w.clocks.get() {
            w.stale_timers.set(true);
        }
    }
}

/// Runs steps where a value is dropped: nothing leaves it. Calm ones do not wait for ever.
pub(crate) fn in_drop(steps: &[Step], calm: bool) {
    let Some(w) = world() else { return };
    let me = coro::current();
    let Some(_depth) = w.deeper(&me) else { return };
    // Main would end the process. And nobody can end what a coro does that has ended.
    let quiet = calm || me.is_finished() || me == coro::main() && coro::unwinding() != Some(false);
    drop(me);
    swallow(|| {
        run(
            &w,
            Cx {
                careful: true,
                dropping: true,
                quiet,
            },
            steps,
        )
    });
}

/// Returns what runs steps as the body of a coro, and yields a value.
pub(crate) fn body(steps: &[Step]) -> impl FnOnce() -> Value + use<> {
    let (steps, owned) = (steps.to_vec(), Value::new(&[]));
    move || {
        if let Some(w) = world() {
            run(&w, Cx::default(), &steps);
        }
        drop(owned);
        Value::new(&[])
    }
}

/// Returns what runs steps as a callback; not for ever, as one that readies its coro whenever that
/// is entered would.
pub(crate) fn callback(steps: &[Step]) -> impl FnMut() + use<> {
    let (steps, owned) = (steps.to_vec(), Value::new(&[]));
    let mut left = 20;
    move || {
        let _ = &owned;
        if left > 0 {
            left -= 1;
            in_drop(&steps, false);
        }
    }
}

/// Makes coros that have room for the frames of an unoptimised build.
pub(crate) fn roomy() -> Builder {
    Builder::new().stack_size(1 << 20)
}

/// The key of a mark that no timeout has.
pub(crate) fn overdue(b: u8) -> OverdueKey {
    thread_local! {
        static KEYS: [OverdueKey; 6] = std::array::from_fn(|_| OverdueKey::unique());
    }
    KEYS.with(|keys| keys[usize::from(b) % keys.len()])
}

/// The priority and size that two numbers stand for.
fn builder(step: &Step) -> Builder {
    let builder = roomy().prio(Prio::new(step.a as i8 - 3));
    if step.b > 3 {
        builder.stack_size(1 << 21)
    } else {
        builder
    }
}

/// Chooses at random, from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }
}

impl Policy for Random {
    fn next(&mut self, ready: &[Coro]) -> usize {
        self.below(ready.len())
    }

    fn choose(&mut self, count: usize) -> Option<usize> {
        Some(self.below(count))
    }
}

/// Does a few steps at each event.
struct Meddler {
    steps: Vec<Step>,
    left: u8,
    _owned: Value,
}

impl Observer for Meddler {
    fn event(&mut self, event: &Event<'_>) {
        let _ = format!("{event:?}");
        if self.left > 0 {
            self.left -= 1;
            in_drop(&self.steps, false);
        }
    }
}

/// Notes a coro that is joined while it lives.
struct Joins<'a>(&'a World, Coro);

impl Drop for Joins<'_> {
    fn drop(&mut self) {
        let mut joins = self.0.joins.borrow_mut();
        let place = joins.iter().position(|coro| *coro == self.1);
        let coro = place.map(|place| joins.swap_remove(place));
        drop(joins);
        drop(coro);
    }
}

fn join(w: &World, cx: Cx, coro: Coro, b: u8) {
    if coro == coro::current() && cx.careful {
        return;
    }
    w.joins.borrow_mut().push(coro.clone());
    let joins = Joins(w, coro);
    if cx.careful || cx.quiet {
        let _timed = Waits::new(&w.timed);
        let _ = join_timeout(&joins.1, ms(b));
    } else {
        joins.1.join();
    }
}

fn one(w: &Rc<World>, cx: Cx, step: &Step, kept: &mut Kept) {
    let Step {
        op, a, b, ref body, ..
    } = *step;
    let forever = w.may_wait(cx);
    match op {
        Op::Check => coro::check(),
        Op::Cede => coro::cede(),
        Op::CedeNotself => coro::cede_notself(),
        Op::Schedule if forever => coro::schedule(),
        Op::ScheduleReadied => {
            let me = coro::current();
            drop(coro::spawn(move || me.ready()));
            coro::schedule();
        }
        Op::Ready => drop(w.coro(a).ready()),
        Op::IntoReady => drop(w.coro(a).into_ready()),
        Op::Suspend => {
            let coro = w.coro(a);
            if !w.scoped.borrow().contains(&coro.id()) && coro != coro::main() {
                coro.suspend();
            }
        }
        Op::Resume => {
            let coro = w.coro(a);
            coro.resume();
            // The wake-up that it was passed over with is lost, as promised.
            coro.ready();
        }
        Op::ScheduleTo if forever => drop(w.coro(a).schedule_to()),
        Op::CedeTo => drop(w.coro(a).cede_to()),
        Op::SetPrio => drop(w.coro(a).set_prio(Prio::new(b as i8 - 3))),
        Op::Nice => drop(w.coro(a).nice(b as i8 - 3)),
        Op::Cancel => w.coro(a).cancel(),
        Op::SafeCancel => drop(w.coro(a).safe_cancel()),
        Op::CancelSelf => coro::current().cancel(),
        Op::Throw => drop(w.coro(a).throw(Value::new(body))),
        Op::ThrowRetract => drop(w.coro(a).throw(Value::new(body)).retract()),
        Op::ClearThrow => w.coro(a).clear_throw(),
        Op::SetOverdue => w.coro(a).set_overdue(overdue(b)),
        Op::ClearOverdue => w.coro(a).clear_overdue(overdue(b)),
        Op::Join => join(w, cx, w.coro(a), b),
        Op::JoinTimeout => {
            let _timed = Waits::new(&w.timed);
            let _ = join_timeout(&w.coro(a), ms(b));
        }
        Op::TakeJoin if !cx.careful => drop(pick(&w.handles, a).map(|handle| handle.join())),
        Op::SharedJoin if !cx.careful => {
            if let Some(handle) = pick(&w.handles, a) {
                join(w, cx, handle.coro().clone(), b);
            }
        }
        Op::CancelWith => {
            if let Some(handle) = pick(&w.handles, a) {
                handle.cancel_with(Value::new(body));
            }
        }
        Op::DropHandle => drop(pick(&w.handles, a)),
        Op::Forget => {
            let coro = w.coro(a);
            if coro != coro::main() {
                w.coros.borrow_mut().retain(|other| *other != coro);
                if coro.is_finished() {
                    // One that was frozen in a destroy handler would not be found any more.
                    coro.resume();
                }
                drop(coro);
            }
        }
        Op::Terminate if !cx.dropping && coro::unwinding() == Some(false) => {
            coro::terminate(Value::new(body))
        }
        Op::Panic => panic!("boom"),
        Op::Spawn => w.keep(roomy().spawn(self::body(body))),
        Op::SpawnWith => w.keep(builder(step).spawn(self::body(body))),
        Op::Build => w.keep(builder(step).build(self::body(body))),
        Op::Scope if !cx.careful => scope(w, step),
        Op::Local => kept.push(Box::new(Value::new(body))),
        Op::Defer => {
            coro::defer(callback(body));
        }
        Op::OnDestroy => {
            let coro = w.coro(a);
            // Main does not end.
            if coro != coro::main() {
                coro.on_destroy(callback(body));
            }
        }
        Op::OnEnter => kept.push(Box::new(coro::on_enter(callback(body)))),
        Op::OnLeave => kept.push(Box::new(coro::on_leave(callback(body)))),
        Op::Shield => coro::shield(|| {
            run(
                w,
                Cx {
                    careful: true,
                    ..cx
                },
                body,
            )
        }),
        Op::NoSwitch => coro::no_switch(|| run(w, cx, body)),
        Op::Catch => drop(coro::catch(|| run(w, cx, body))),
        Op::Swallow => swallow(|| run(w, cx, body)),
        Op::Timeout => {
            let _clock = Waits::new(&w.clocks);
            let _ = timeout(ms(a), || run(w, cx, body));
        }
        Op::Rouse if forever => {
            let (call, rouse) = coro::rouse();
            w.calls.borrow_mut().push(call);
            drop(rouse.wait());
        }
        Op::RouseCall => {
            if let Some(call) = pick(&w.calls, a) {
                call.call(Value::new(body));
            }
        }
        Op::RouseDrop => drop(pick(&w.calls, a)),
        Op::Unblock => {
            let steps = body.clone();
            coro::unblock_fn(move |()| in_drop(&steps, false))(());
        }
        Op::Waker => w.coro(a).waker().wake(),
        Op::Killall => coro::killall(),
        Op::Shutdown => drop(coro::shutdown()),
        Op::Report => drop(coro::report().to_string()),
        Op::Backtrace => drop(w.coro(a).backtrace()),
        Op::Choose => drop(coro::choose(usize::from(a) + 1)),
        Op::Policy => {
            let seed = u64::from(a) * 6 + u64::from(b);
            drop(coro::set_policy(Some(Box::new(Random(seed)))));
        }
        Op::Observer => {
            let meddler = Meddler {
                steps: body.clone(),
                left: 20,
                _owned: Value::new(&[]),
            };
            drop(coro::set_observer(Some(Box::new(meddler))));
        }
        Op::NoObserver => drop(coro::set_observer(None)),
        Op::Sleep => {
            let _timed = Waits::new(&w.timed);
            sleep(ms(a));
        }
        Op::TimerWait => {
            let _clock = Waits::new(&w.clocks);
            let timer = Timer::after(ms(a));
            run(w, cx, body);
            let _timed = Waits::new(&w.timed);
            timer.wait();
        }
        Op::Tick => {
            let mut interval = interval(ms(a + 1));
            let _timed = Waits::new(&w.timed);
            let _ = (interval.tick(), interval.tick());
        }
        _ if op < Op::Put => sync::one(w, cx, step, kept),
        _ => channels::one(w, cx, step, kept),
    }
}

/// Spawns the body in a scope, several times, and does the first half of it beside.
fn scope(w: &Rc<World>, step: &Step) {
    let done = Cell::new(0);
    coro::scope(|s| {
        for _ in 0..=step.a % 3 {
            let done = &done;
            let child = s.spawn(move || {
                w.scoped.borrow_mut().insert(coro::current().id());
                let value = Value::new(&[]);
                run(w, Cx::default(), &step.body);
                done.set(done.get() + 1);
                value
            });
            w.scoped.borrow_mut().insert(child.coro().id());
            w.coros.borrow_mut().push(child.coro().clone());
            if step.b > 2 {
                drop(child.join());
            }
        }
        run(w, Cx::default(), &step.body[..step.body.len() / 2]);
    });
}
