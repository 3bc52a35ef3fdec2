//! What has to be true when nothing runs any more, and when everything has ended.

use std::rc::Rc;
use std::time::Duration;

use coro::Coro;

use super::steps::overdue;
use super::world::{World, set_world, swallow, wrong_drops};

/// The beginnings of the messages that programs may panic with.
const EXPECTED: &[&str] = &[
    "boom at ",
    "deadlock: nothing is ready",
    "cannot switch inside ",
    "cannot cancel main",
    "cannot terminate ",
    "terminate: ",
    "cannot defer in ",
    "shutdown is for main alone",
    "a scoped coro panicked",
    "the initialiser of a Once, run at ",
    "cannot change a coro-local variable inside its `with`",
    "a capacity of ",
];

/// Returns `true` if a program may panic with this.
pub(crate) fn is_expected(text: &str) -> bool {
    EXPECTED.iter().any(|beginning| text.starts_with(beginning))
}

/// Longer than all waits of a program together.
const LONG: Duration = Duration::from_secs(3600);

/// Takes back what programs have marked main with.
fn clear_overdue() {
    (0..6).for_each(|b| coro::main().clear_overdue(overdue(b)));
}

/// Lets everybody run until nobody can.
fn let_run() {
    let end = coro::now() + LONG;
    while coro::now() < end {
        // (A throw is not raised in a shield.)
        swallow(|| coro::shield(|| coro_time::sleep_until(end)));
    }
}

/// Returns all that live, and those that may still be in their destroy handlers.
fn everybody(w: &World) -> impl Iterator<Item = Coro> {
    coro::all().into_iter().chain(w.coros.borrow().clone())
}

/// Lets the program run until nothing moves, and returns what should have moved.
pub(crate) fn settle(w: &World) -> Vec<String> {
    // That of `let_run`, from here on.
    w.clocks.set(w.clocks.get() + 1);
    drop(coro::set_observer(None));
    clear_overdue();
    coro::main().clear_throw();
    let_run();
    for _ in 0..100 {
        let frozen: Vec<Coro> = everybody(w).filter(Coro::is_suspended).collect();
        if frozen.is_empty() {
            break;
        }
        for coro in frozen {
            coro.resume();
            coro.ready();
        }
        let_run();
    }
    // An observer may have been put in meanwhile; it meddles no more.
    drop(coro::set_observer(None));
    let_run();
    clear_overdue();
    coro::main().clear_throw();
    let_run();
    let mut wrong = Vec::new();
    if w.runs_away() {
        wrong.push("the program does not end".to_owned());
    }
    if w.stale_timers.get() {
        wrong.push("a timer was armed that nobody had".to_owned());
    }
    stuck(w, &mut wrong);
    if !wrong.is_empty() {
        wrong.push(coro::report().to_string());
    }
    wrong
}

/// Finds coros that wait for what is there.
fn stuck(w: &World, wrong: &mut Vec<String>) {
    let mut say = |is_wrong: bool, text: String| {
        if is_wrong {
            wrong.push(text);
        }
    };
    for (i, sem) in w.sems.iter().enumerate() {
        // With several kinds of waiters, it is not known who is in front.
        let most = (0..6)
            .rev()
            .find(|&want| w.sem_waits[i][want].get() > 0)
            .unwrap_or(1);
        let enough = sem.count() >= most.max(1) as isize;
        say(
            enough && sem.waiters() > 0,
            format!("sem{i} has permits and waiters: {sem:?}"),
        );
    }
    let set = w.set.as_ref().expect("it is made with the world");
    for key in 0..2 {
        let both = set.count(&key) > 0 && set.waiters(&key) > 0;
        say(both, format!("set.sem({key}) has permits and waiters"));
    }
    for (i, signal) in w.signals.iter().enumerate() {
        let text = format!("{signal:?}");
        let both = text.contains("sent: true") && signal.awaited() > 0;
        say(both, format!("sig{i} was sent and is awaited: {text}"));
    }
    lost_sends(w, &mut say);
    let barrier = w.barrier.as_ref().expect("it is made with the world");
    say(
        barrier.waiters() >= 2,
        format!("the barrier holds back: {barrier:?}"),
    );
    let group = w.group.tokens() == 0 && w.group.waiters() > 0;
    say(group, format!("the group waits for nobody: {:?}", w.group));
    for (i, once) in w.onces.iter().enumerate() {
        let idle = w.once_runs[i].get() == 0 && w.once_waits[i].get() > 0;
        say(
            idle,
            format!("once{i}: {} wait, nobody runs", w.once_waits[i].get()),
        );
        let full = once.is_initialized() && w.once_waits[i].get() > 0;
        say(full, format!("once{i} is full and waited for"));
    }
    for (i, mutex) in w.mutexes.iter().enumerate() {
        let free = !mutex.is_locked() && mutex.waiters() > 0;
        say(free, format!("mutex{i} is free and waited for"));
    }
    for (i, lock) in w.locks.iter().enumerate() {
        let free = w.lock_waits[i].get() > 0 && lock.try_write().is_some();
        say(free, format!("rw{i} is free and waited for"));
    }
    for (i, channel) in w.channels.iter().enumerate() {
        let (gets, puts) = (w.gets[i].get(), w.puts[i].get());
        let values = gets > 0 && (!channel.is_empty() || channel.is_shut_down());
        say(values, format!("ch{i}: {gets} gets wait: {channel:?}"));
        // In the default form, those who wait have put.
        let fair = i == 2 || i == 3;
        let room = channel.capacity().unwrap_or(usize::MAX / 2) + if fair { 0 } else { puts };
        let slots = puts > 0 && channel.len() < room;
        say(slots, format!("ch{i}: {puts} puts wait: {channel:?}"));
        let met = puts > 0 && gets > 0;
        say(
            met,
            format!("ch{i}: {puts} puts and {gets} gets wait: {channel:?}"),
        );
    }
    let set = &w.joinset;
    let ended = w.set_waits.get() > 0 && (set.is_empty() || set.try_join_next().is_some());
    say(ended, format!("the join set is waited for: {set:?}"));
    say(
        w.timed.get() > 0,
        format!("{} waits have no end", w.timed.get()),
    );
    for coro in w.joins.borrow().iter() {
        say(
            coro.is_finished(),
            format!("{coro} has ended and is joined"),
        );
    }
    say(
        coro_time::armed() > 0,
        format!("{} timers are armed", coro_time::armed()),
    );
    say(
        coro::ready_count() > 0,
        format!("{} coros are ready", coro::ready_count()),
    );
}

/// Counts sends that went to coros: where one waiter at most has left, none may be lost.
fn lost_sends(w: &World, say: &mut impl FnMut(bool, String)) {
    for (i, (signal, sent)) in w.signals.iter().zip(&w.sent).enumerate() {
        let kept = usize::from(format!("{signal:?}").contains("sent: true"));
        let (sends, came) = (sent.sends.get(), sent.came.get());
        let clear = !sent.unclear.get() && sent.left.get() < 2;
        let text = format!("sig{i}: {sends} sends, {came} came, {kept} kept");
        say(clear && sends != came + kept, text);
    }
}

/// Gives all that is left what it waits for.
fn release(w: &World) {
    for (sem, count) in w.sems.iter().zip(&w.counts) {
        sem.adjust(100);
        count.set(count.get() + 100);
    }
    let set = w.set.as_ref().expect("it is made with the world");
    for (key, count) in (0..).zip(&w.keys) {
        set.up(key);
        count.set(count.get() + 1);
    }
    w.signals.iter().for_each(coro_sync::Signal::broadcast);
    w.condvars.iter().for_each(|condvar| {
        condvar.notify_all();
    });
    for channel in &w.channels {
        channel.shutdown();
        channel.adjust(100);
        while channel.try_get().is_some() {}
    }
    drop(w.calls.take());
    drop(w.senders.take());
    drop(w.receivers.take());
    drop(w.tokens.take());
    drop(w.guards.take());
    for coro in everybody(w) {
        coro.resume();
        coro.ready();
    }
}

/// Ends all that is left, and looks whether anything was lost, doubled or left behind.
pub(crate) fn end(w: Rc<World>, wrong: &mut Vec<String>) {
    drop(coro::set_policy(None));
    // Destructors still take their steps now.
    swallow(|| drop(coro::shield(coro::shutdown)));
    drop(coro::set_observer(None));
    let_run();
    w.closing.set(true);
    for _ in 0..50 {
        release(&w);
        let_run();
        swallow(|| drop(coro::shield(coro::shutdown)));
        if coro::all().len() == 1 {
            break;
        }
    }
    clear_overdue();
    coro::main().clear_throw();
    let_run();
    let left = coro::all();
    if left.len() != 1 {
        wrong.push(format!(
            "{} coros are left:\n{}",
            left.len() - 1,
            coro::report()
        ));
    }
    // Those that ended last may have left something.
    drop(coro::set_observer(None));
    drop(coro::set_policy(None));
    release(&w);
    let_run();
    left_over(&w, wrong);
    drop(left);
    w.coros.take();
    w.handles.take();
    release(&w);
    drop(w.specific.take());
    drop(w.inherited.take());
    set_world(None);
    match Rc::try_unwrap(w) {
        Ok(w) => drop(w),
        Err(w) => wrong.push(format!("the world is held by {}", Rc::strong_count(&w) - 1)),
    }
    let drops = wrong_drops();
    if !drops.is_empty() {
        wrong.push(format!("values and how often they were dropped: {drops:?}"));
    }
}

/// Looks whether everything is at rest.
fn left_over(w: &World, wrong: &mut Vec<String>) {
    let mut say = |is_wrong: bool, text: String| {
        if is_wrong {
            wrong.push(text);
        }
    };
    for (i, sem) in w.sems.iter().enumerate() {
        let lost = sem.count() != w.counts[i].get() || sem.waiters() > 0;
        say(
            lost,
            format!("sem{i} is to have {}: {sem:?}", w.counts[i].get()),
        );
    }
    let set = w.set.as_ref().expect("it is made with the world");
    for (key, count) in (0..).zip(&w.keys) {
        let lost = set.count(&key) != count.get() || set.waiters(&key) > 0;
        say(
            lost,
            format!(
                "set.sem({key}) is to have {}: {}",
                count.get(),
                set.count(&key)
            ),
        );
    }
    let waits = w
        .signals
        .iter()
        .map(coro_sync::Signal::awaited)
        .sum::<usize>()
        + w.barrier.as_ref().map_or(0, coro_sync::Barrier::waiters)
        + w.group.waiters()
        + w.group.tokens()
        + w.condvars
            .iter()
            .map(coro_sync::Condvar::waiters)
            .sum::<usize>()
        + w.mutexes
            .iter()
            .map(coro_sync::Mutex::waiters)
            .sum::<usize>();
    say(waits > 0, format!("{waits} are left in queues"));
    for (i, mutex) in w.mutexes.iter().enumerate() {
        say(mutex.try_lock().is_none(), format!("mutex{i} is locked"));
    }
    for (i, lock) in w.locks.iter().enumerate() {
        say(lock.try_write().is_none(), format!("rw{i} is locked"));
    }
    for (i, channel) in w.channels.iter().enumerate() {
        let text = format!("{channel:?}");
        say(!channel.is_empty(), format!("ch{i} is not empty: {text}"));
        let empty = text.contains("getters: []") && text.contains("putters: []");
        say(!empty, format!("ch{i} has waiters: {text}"));
    }
    let report = coro::report();
    let knots = report.cycles().len() + report.recursions().len() + report.stuck().len();
    say(knots > 0, format!("the last report shows knots:\n{report}"));
    say(
        coro_time::armed() > 0,
        format!("{} timers are left", coro_time::armed()),
    );
    say(
        coro::ready_count() > 0,
        format!("{} coros are ready at the end", coro::ready_count()),
    );
}
