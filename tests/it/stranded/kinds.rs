//! Every way to wait, and what ends it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use coro::{JoinHandle, schedule, spawn};
use coro_channel::{
    Arm, Channel, JoinSet, OneshotReceiver, OneshotSender, Select, join_arm, oneshot,
};
use coro_sync::{
    Barrier, Condvar, Mutex, Once, RawRwLock, Semaphore, SemaphoreSet, Signal, WaitGroup,
};
use coro_time::{Timer, VirtualClock, join_timeout, sleep};

use super::{either_way, waiter};
use crate::signal::settle;

/// Longer than anything lasts here.
const LONG: Duration = Duration::from_secs(3600);

/// What whoever wakes has to see to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owes {
    /// That as many are woken as can have what is there; until they have run, anybody may take it.
    WhatIsThere,
    /// That the oldest gets what it is given.
    Gift,
    /// That all are woken.
    All,
}

/// A way to wait. What is waited for is not there at first.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) owes: Owes,
    wait: Rc<dyn Fn(u8)>,
    pub(super) give: Box<dyn Fn()>,
}

impl Kind {
    /// Spawns a coro that waits.
    #[track_caller]
    pub(super) fn waiter(&self, who: u8) -> JoinHandle<()> {
        let wait = self.wait.clone();
        waiter(move || wait(who))
    }
}

fn kind<S: 'static>(
    (owes, name): (Owes, &'static str),
    state: S,
    wait: impl Fn(&S, u8) + 'static,
    give: impl Fn(&S) + 'static,
) -> Kind {
    let state = Rc::new(state);
    let theirs = state.clone();
    Kind {
        name,
        owes,
        wait: Rc::new(move |who| wait(&theirs, who)),
        give: Box::new(move || give(&state)),
    }
}

fn select(arm: &dyn Arm) {
    Select::new(&[arm]).wait();
}

/// Spawns a coro that is in the middle of `f` until it is readied.
fn amidst(f: impl FnOnce(&dyn Fn()) + 'static) -> JoinHandle<()> {
    waiter(move || f(&schedule))
}

fn go_on(c: &JoinHandle<()>) {
    c.ready();
    settle();
}

pub(super) fn kinds(clock: &VirtualClock) -> Vec<Kind> {
    let mut kinds = semaphores();
    kinds.extend(locks());
    kinds.extend(signals());
    kinds.extend(channels());
    kinds.extend(ends_and_times(clock));
    kinds
}

fn semaphores() -> Vec<Kind> {
    let mut kinds = Vec::new();
    for (owes, new) in [
        (Owes::WhatIsThere, Semaphore::new as fn(isize) -> Semaphore),
        (Owes::Gift, Semaphore::fair),
    ] {
        kinds.extend([
            kind((owes, "down"), new(0), |sem, _| sem.down(), Semaphore::up),
            kind(
                (owes, "down of many"),
                new(1),
                |sem, _| sem.down_many(2),
                Semaphore::up,
            ),
            kind(
                (owes, "down with a limit"),
                new(0),
                |sem, _| sem.down_timeout(LONG).expect("there is time"),
                Semaphore::up,
            ),
            kind(
                (owes, "arm of a down"),
                new(0),
                |sem, _| select(&sem.down_arm()),
                Semaphore::up,
            ),
            kind(
                (owes, "arm of a permit"),
                new(0),
                |sem, _| select(&sem.acquire_arm()),
                Semaphore::up,
            ),
        ]);
    }
    kinds.extend([
        kind(
            (Owes::WhatIsThere, "wait of a semaphore"),
            Semaphore::new(0),
            |sem, _| sem.wait(),
            Semaphore::up,
        ),
        kind(
            (Owes::WhatIsThere, "semaphore set"),
            SemaphoreSet::new(0),
            |set, _| set.down("key"),
            |set| set.up("key"),
        ),
    ]);
    kinds
}

fn locks() -> Vec<Kind> {
    let mut kinds = Vec::new();
    for (owes, mutex, lock) in [
        (Owes::WhatIsThere, Mutex::new(()), RawRwLock::new()),
        (Owes::Gift, Mutex::fair(()), RawRwLock::fair()),
    ] {
        let mutex = Rc::new(mutex);
        let ours = mutex.clone();
        let holder = amidst(move |pause| {
            let _guard = ours.lock();
            pause();
        });
        kinds.push(kind(
            (owes, "mutex"),
            (mutex, holder),
            |(mutex, _), _| drop(mutex.lock()),
            |(_, holder)| go_on(holder),
        ));
        lock.wrlock();
        let unlock = RawRwLock::unlock;
        kinds.push(kind((owes, "write"), lock, |lock, _| lock.wrlock(), unlock));
    }
    for lock in [RawRwLock::new(), RawRwLock::fair()] {
        lock.wrlock();
        let read = |lock: &RawRwLock, _| lock.rdlock();
        kinds.push(kind((Owes::All, "read"), lock, read, RawRwLock::unlock));
    }
    let once = Rc::new(Once::<u8>::new());
    let ours = once.clone();
    let fails = amidst(move |pause| {
        let _ = ours.get_or_try_init(|| {
            pause();
            Err(())
        });
    });
    kinds.push(kind(
        (Owes::WhatIsThere, "turn of a once"),
        (once, fails),
        |(once, _), who| assert_eq!(once.get_or_try_init(|| Err(who)), Err(who)),
        |(_, fails)| go_on(fails),
    ));
    let once = Rc::new(Once::<u8>::new());
    let ours = once.clone();
    let makes = amidst(move |pause| {
        ours.get_or_init(|| {
            pause();
            0
        });
    });
    kinds.push(kind(
        (Owes::All, "value of a once"),
        (once, makes),
        |(once, _), who| assert_eq!(*once.get_or_init(|| who), 0),
        |(_, makes)| go_on(makes),
    ));
    kinds
}

fn signals() -> Vec<Kind> {
    let condvar = || (Mutex::new(()), Condvar::new());
    let notify = |(_, condvar): &(Mutex<()>, Condvar)| {
        condvar.notify_one();
    };
    let group = WaitGroup::new();
    let token = Cell::new(Some(group.token()));
    vec![
        kind(
            (Owes::Gift, "signal"),
            Signal::new(),
            |signal, _| signal.wait(),
            Signal::send,
        ),
        kind(
            (Owes::All, "broadcast"),
            Signal::new(),
            |signal, _| signal.wait(),
            Signal::broadcast,
        ),
        kind(
            (Owes::Gift, "signal with a limit"),
            Signal::new(),
            |signal, _| signal.wait_timeout(LONG).expect("there is time"),
            Signal::send,
        ),
        kind(
            (Owes::Gift, "arm of a signal"),
            Signal::new(),
            |signal, _| select(&signal.wait_arm()),
            Signal::send,
        ),
        kind(
            (Owes::Gift, "condvar"),
            condvar(),
            |(mutex, condvar), _| drop(condvar.wait(mutex.lock())),
            notify,
        ),
        kind(
            (Owes::Gift, "condvar with a limit"),
            condvar(),
            |(mutex, condvar), _| drop(condvar.wait_timeout(mutex.lock(), LONG)),
            notify,
        ),
        kind(
            (Owes::All, "barrier"),
            Barrier::new(3),
            |barrier, _| either_way(barrier.wait()),
            |barrier| assert!(barrier.wait().is_leader()),
        ),
        kind(
            (Owes::All, "wait group"),
            (group, token),
            |(group, _), _| group.wait(),
            |(_, token)| drop(token.take()),
        ),
    ]
}

fn channels() -> Vec<Kind> {
    let mut kinds = Vec::new();
    for (owes, new) in [
        (
            Owes::WhatIsThere,
            Channel::bounded as fn(usize) -> Channel<u8>,
        ),
        (Owes::Gift, Channel::fair),
    ] {
        kinds.extend([
            kind(
                (owes, "get"),
                new(1),
                |channel, _| either_way(channel.get()),
                |channel| channel.put(0),
            ),
            kind(
                (owes, "get with a limit"),
                new(1),
                |channel, _| either_way(channel.get_timeout(LONG)),
                |channel| channel.put(0),
            ),
            kind(
                (owes, "arm of a get"),
                new(1),
                |channel, _| select(&channel.get_arm()),
                |channel| channel.put(0),
            ),
            kind(
                (Owes::All, "get when it is shut down"),
                new(1),
                |channel, _| either_way(channel.get()),
                Channel::shutdown,
            ),
            kind(
                (owes, "put"),
                new(0),
                |channel, who| channel.put(who),
                |channel| channel.adjust(1),
            ),
            kind(
                (owes, "put with a limit"),
                new(0),
                |channel, who| channel.put_timeout(who, LONG).expect("there is time"),
                |channel| channel.adjust(1),
            ),
            kind(
                (owes, "arm of a put"),
                new(0),
                |channel, who| select(&channel.put_arm(who)),
                |channel| channel.adjust(1),
            ),
        ]);
    }
    let set = JoinSet::new();
    let members = [set.spawn(schedule), set.spawn(schedule)];
    settle();
    kinds.push(kind(
        (Owes::WhatIsThere, "join set"),
        (set, members),
        |(set, _), _| drop(set.join_next()),
        |(_, members)| {
            members[0].ready();
        },
    ));
    let set = JoinSet::new();
    let members = [set.spawn(schedule), set.spawn(schedule)];
    settle();
    kinds.push(kind(
        (Owes::WhatIsThere, "arm of a join set"),
        (set, members),
        |(set, _), _| select(&set.join_next_arm()),
        |(_, members)| {
            members[0].ready();
        },
    ));
    // Each waits for one of its own, and both end at once.
    type Ends = (OneshotSender<u8>, OneshotReceiver<u8>);
    let state = || {
        let ends: [Ends; 2] = [oneshot(), oneshot()];
        let [(one, first), (two, second)] = ends;
        let senders = Cell::new(Some([one, two]));
        (senders, [Cell::new(Some(first)), Cell::new(Some(second))])
    };
    type State = (
        Cell<Option<[OneshotSender<u8>; 2]>>,
        [Cell<Option<OneshotReceiver<u8>>>; 2],
    );
    let send = |(senders, _): &State| drop(senders.take());
    kinds.push(kind(
        (Owes::All, "oneshot"),
        state(),
        |(_, receivers): &State, who| {
            let receiver = receivers[usize::from(who) - 1].take();
            // The first test takes them, and the second has others.
            receiver.map(OneshotReceiver::get);
        },
        send,
    ));
    kinds.push(kind(
        (Owes::All, "arm of a oneshot"),
        state(),
        |(_, receivers): &State, who| {
            let receiver = receivers[usize::from(who) - 1].take();
            receiver
                .iter()
                .for_each(|receiver| select(&receiver.get_arm()));
        },
        send,
    ));
    kinds
}

fn ends_and_times(clock: &VirtualClock) -> Vec<Kind> {
    let mut kinds = Vec::new();
    type Join = fn(&JoinHandle<()>);
    let waits: [(&str, Join); 3] = [
        ("join", |c| c.coro().join()),
        ("arm of a join", |c| select(&join_arm(c.coro()))),
        ("join with a limit", |c| {
            either_way(join_timeout(c.coro(), LONG))
        }),
    ];
    for (name, wait) in waits {
        let target = spawn(schedule);
        settle();
        kinds.push(kind((Owes::All, name), target, move |c, _| wait(c), go_on));
    }
    let advance = |clock: &VirtualClock| clock.advance(LONG);
    let forever = spawn(schedule);
    settle();
    kinds.extend([
        kind(
            (Owes::All, "end of the limit of a join"),
            (clock.clone(), forever),
            |(_, c), _| either_way(join_timeout(c.coro(), LONG)),
            move |(clock, _)| advance(clock),
        ),
        kind(
            (Owes::All, "sleep"),
            clock.clone(),
            |_, _| sleep(LONG),
            advance,
        ),
    ]);
    type Until = fn(&Timer);
    let waits: [(&str, u32, Until); 2] = [
        ("timer", 100, Timer::wait),
        ("arm of a timer", 1_000, |timer| select(&timer)),
    ];
    for (name, far, wait) in waits {
        kinds.push(kind(
            (Owes::All, name),
            (clock.clone(), Timer::after(far * LONG)),
            move |(_, timer), _| wait(timer),
            move |(clock, _)| clock.advance(far * LONG),
        ));
    }
    kinds
}
