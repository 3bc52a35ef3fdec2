//! Small programs, of which each does a thing that the kernel can do. None leaves a coro behind.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use coro::{Builder, Coro, Policy, cede, current, note, schedule, spawn};
use coro_channel::{Channel, select};
use coro_sync::{Mutex, Semaphore, Signal};
use coro_time::{VirtualClock, sleep, timeout};

/// The programs, by name.
pub(crate) const ALL: &[(&str, fn())] = &[
    ("nothing", || ()),
    ("one note", || note("one")),
    ("spawn and join", || spawn(|| ()).join().unwrap()),
    ("builds, waits, readies", build_and_ready),
    ("ready and not at once away", ready_and_stay),
    ("cedes in turn", cedes),
    ("semaphore", semaphore),
    ("mutex", mutex),
    ("signal to three", broadcast),
    ("channel", channel),
    ("select", select_of_two),
    ("scope", scope),
    ("cancel of a blocked one", cancel_blocked),
    ("cancel of a ready one", cancel_ready),
    ("cancel before the first run", cancel_new),
    ("cancel of oneself", cancel_self),
    ("asks to end", safe_cancel),
    ("blocks while it unwinds", unwinds_slowly),
    ("throws", throws),
    ("throws into oneself", throws_into_self),
    ("panic", panics),
    ("terminate", terminates),
    ("deadlock", deadlock),
    ("sleeps", sleeps),
    ("timeout", times_out),
    ("woken by an OS thread", wakers),
    ("suspended", suspended),
    ("cede to", cede_to),
    ("schedule to", schedule_to),
    ("reaped", reaped),
    ("handlers of an end", handlers),
    ("two joiners", two_joiners),
    ("spawns while it ends", spawns_at_its_end),
    ("killall", kill_all),
    ("rouse", rouse),
    ("priorities", priorities),
    ("thrown at from outside", || {
        from_outside(|c| drop(c.throw(1)))
    }),
    ("cancelled from outside", || from_outside(Coro::cancel)),
];

fn build_and_ready() {
    let c = Builder::new().desc("late").build(|| ());
    note("not yet");
    cede();
    c.coro().ready();
    c.join().unwrap();
}

fn ready_and_stay() {
    let c = spawn(|| {
        current().ready();
        note("still here");
        schedule();
    });
    c.join().unwrap();
}

fn cedes() {
    let all = [1, 2, 3].map(|turns| spawn(move || (0..turns).for_each(|_| cede())));
    all.into_iter().for_each(|c| c.join().unwrap());
}

fn semaphore() {
    let permit = Rc::new(Semaphore::new(1));
    let all = ["a", "b", "c"].map(|name| {
        let permit = permit.clone();
        Builder::new().desc(name).spawn(move || {
            let _guard = permit.acquire();
            note(name);
            cede();
        })
    });
    all.into_iter().for_each(|c| c.join().unwrap());
}

fn mutex() {
    let data = Rc::new(Mutex::new(0));
    let all = [(); 2].map(|()| {
        let data = data.clone();
        spawn(move || {
            let mut held = data.lock();
            cede();
            *held += 1;
        })
    });
    all.into_iter().for_each(|c| c.join().unwrap());
}

fn broadcast() {
    let signal = Rc::new(Signal::new());
    let all = [(); 3].map(|()| {
        let signal = signal.clone();
        spawn(move || signal.wait())
    });
    cede();
    signal.broadcast();
    all.into_iter().for_each(|c| c.join().unwrap());
}

fn channel() {
    let channel = Rc::new(Channel::bounded(1));
    let theirs = channel.clone();
    let putter = spawn(move || (0..4).for_each(|n| theirs.put(n)));
    for n in 0..4 {
        assert_eq!(channel.get(), Some(n));
    }
    putter.join().unwrap();
}

fn select_of_two() {
    let (numbers, stop) = (Rc::new(Channel::unbounded()), Rc::new(Semaphore::new(0)));
    let (theirs, their_stop) = (numbers.clone(), stop.clone());
    let c = spawn(move || {
        loop {
            let goes_on = select! {
                _n = theirs.get_arm() => true,
                () = their_stop.down_arm() => false,
            };
            if !goes_on {
                break;
            }
        }
    });
    cede();
    numbers.put(1);
    cede();
    stop.up();
    c.join().unwrap();
}

fn scope() {
    let mut sum = 0;
    coro::scope(|s| {
        s.spawn(|| sum += 1);
        s.spawn(cede);
    });
    assert_eq!(sum, 1);
}

fn cancel_blocked() {
    let c = spawn(schedule);
    cede();
    c.coro().cancel();
    assert!(c.join().unwrap_err().is_cancelled());
}

fn cancel_ready() {
    let c = spawn(|| {
        cede();
        cede();
    });
    cede();
    c.coro().cancel();
}

fn cancel_new() {
    let c = spawn(|| ());
    let coro = c.coro().clone();
    let joiner = spawn(move || c.join().unwrap_err());
    let built = Builder::new().build(|| ());
    built.cancel();
    note("the other");
    coro.cancel();
    joiner.join().unwrap();
}

fn cancel_self() {
    let c = spawn(|| current().cancel());
    assert!(c.join().unwrap_err().is_cancelled());
}

fn safe_cancel() {
    let permit = Rc::new(Semaphore::new(0));
    let c = spawn(move || permit.down());
    cede();
    c.coro().safe_cancel().unwrap();
    note("has asked");
    assert!(c.join().unwrap_err().is_cancelled());
}

/// Cedes in its destructor.
struct Slow;

impl Drop for Slow {
    fn drop(&mut self) {
        note("unwinds");
        cede();
    }
}

fn unwinds_slowly() {
    let c = spawn(|| {
        let _slow = Slow;
        schedule();
    });
    cede();
    c.coro().cancel();
    note("cancelled");
    assert!(c.join().unwrap_err().is_cancelled());
}

fn throws() {
    let caught = spawn(|| coro::catch(schedule).unwrap_err());
    let not_caught = spawn(schedule);
    cede();
    caught.coro().throw("ball");
    not_caught.coro().throw("ball");
    caught.join().unwrap();
    assert!(not_caught.join().unwrap_err().is_thrown());
}

fn throws_into_self() {
    let c = spawn(|| {
        current().throw(1);
        cede();
    });
    assert!(c.join().unwrap_err().is_thrown());
}

fn panics() {
    let c = spawn(|| panic!("on purpose"));
    assert!(c.join().unwrap_err().is_panic());
}

fn terminates() {
    let c = spawn(|| -> u8 { coro::terminate(7_u8) });
    assert_eq!(c.join().unwrap(), 7);
}

fn deadlock() {
    let c = spawn(schedule);
    coro::catch(schedule).unwrap_err();
    c.coro().cancel();
}

fn sleeps() {
    let _clock = VirtualClock::install();
    let c = spawn(|| sleep(Duration::from_millis(2)));
    sleep(Duration::from_millis(1));
    c.join().unwrap();
}

fn times_out() {
    let _clock = VirtualClock::install();
    let permit = Semaphore::new(0);
    timeout(Duration::from_millis(1), || permit.down()).unwrap_err();
}

fn wakers() {
    let waker = current().waker();
    let other = std::thread::spawn(move || waker.wake());
    other.join().unwrap();
    schedule();
}

fn suspended() {
    let c = spawn(|| note("runs"));
    c.coro().suspend();
    cede();
    note("resumes it");
    c.coro().resume();
    c.coro().ready();
    c.join().unwrap();
}

fn cede_to() {
    let [one, two] = [1, 2].map(|_| spawn(cede));
    two.coro().cede_to().unwrap();
    one.join().unwrap();
    two.join().unwrap();
}

fn schedule_to() {
    let main = current();
    let c = Builder::new().build(move || {
        note("not readied");
        main.schedule_to().unwrap();
    });
    c.coro().schedule_to().unwrap();
    c.coro().ready();
    c.join().unwrap();
}

fn reaped() {
    drop(spawn(|| {
        let _slow = Slow;
        schedule();
    }));
    cede();
    cede();
    cede();
    cede();
}

fn handlers() {
    let c = Builder::new().desc("last wishes").spawn(|| ());
    c.coro().on_destroy(|| note("handler"));
    let waits = Rc::new(Semaphore::new(0));
    let theirs = waits.clone();
    c.coro().on_destroy(move || theirs.up());
    waits.down();
    c.join().unwrap();
}

fn two_joiners() {
    let c = spawn(cede);
    let joiners = [(); 2].map(|()| {
        let coro = c.coro().clone();
        spawn(move || coro.join())
    });
    c.join().unwrap();
    joiners.into_iter().for_each(|c| c.join().unwrap());
}

fn spawns_at_its_end() {
    let made = Rc::new(RefCell::new(None));
    let theirs = made.clone();
    let c = spawn(|| ());
    c.coro()
        .on_destroy(move || *theirs.borrow_mut() = Some(spawn(|| ())));
    c.join().unwrap();
    made.take().unwrap().join().unwrap();
}

fn kill_all() {
    let _all = [(); 3].map(|()| spawn(schedule));
    cede();
    coro::killall();
}

fn rouse() {
    let (callback, answer) = coro::rouse();
    let c = spawn(move || callback.call(42));
    assert_eq!(answer.wait(), Some(42));
    c.join().unwrap();
}

fn priorities() {
    let low = Builder::new().prio(coro::Prio::MIN).spawn(cede);
    let high = Builder::new().prio(coro::Prio::MAX).spawn(cede);
    low.join().unwrap();
    high.join().unwrap();
}

/// Does something to a coro while nobody runs, as a timer may.
struct Outside(Option<Coro>, fn(&Coro));

impl Policy for Outside {
    fn prepare(&mut self) {
        if let Some(coro) = self.0.take() {
            self.1(&coro);
        }
    }

    fn next(&mut self, _: &[Coro]) -> usize {
        0
    }
}

fn from_outside(does: fn(&Coro)) {
    let c = spawn(schedule);
    cede();
    coro::set_policy(Some(Box::new(Outside(Some(c.coro().clone()), does))));
    cede();
    c.join().unwrap_err();
    coro::set_policy(None);
}
