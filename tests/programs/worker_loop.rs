//! Worker loops for `it/disassembly.rs` to take apart: each in a function of its own, with a name
//! that can be found, and twins that do what must not be done.

use std::hint::black_box;
use std::rc::Rc;

use coro::{JoinHandle, cede, spawn};
use coro_channel::Channel;
use coro_sync::{Mutex, RwLock, Semaphore, Signal};

const ROUNDS: u64 = 1000;

/// The head of a loop, to be found by its number.
#[inline(always)]
fn head() {
    black_box(0x5eed_1009_u32);
}

#[inline(never)]
fn worker_loop_cede() {
    for _ in 0..ROUNDS {
        head();
        cede();
    }
}

#[inline(never)]
fn worker_loop_down_up(mine: &Semaphore, theirs: &Semaphore) {
    for _ in 0..ROUNDS {
        head();
        mine.down();
        theirs.up();
    }
}

#[inline(never)]
fn worker_loop_acquire(permit: &Semaphore) {
    for _ in 0..ROUNDS {
        head();
        let _guard = permit.acquire();
        cede();
    }
}

#[inline(never)]
fn worker_loop_get(channel: &Channel<u64>) -> u64 {
    let mut sum = 0;
    while let Some(number) = channel.get() {
        head();
        sum += number;
    }
    sum
}

#[inline(never)]
fn worker_loop_put(channel: &Channel<u64>) {
    for number in 0..ROUNDS {
        head();
        channel.put(number);
    }
}

#[inline(never)]
fn worker_loop_wait(mine: &Signal, theirs: &Signal) {
    for _ in 0..ROUNDS {
        head();
        mine.wait();
        theirs.send();
    }
}

#[inline(never)]
fn worker_loop_lock(number: &Mutex<u64>) {
    for _ in 0..ROUNDS {
        head();
        let mut locked = number.lock();
        *locked += 1;
        cede();
    }
}

#[inline(never)]
fn worker_loop_read(number: &RwLock<u64>) -> u64 {
    let mut sum = 0;
    for _ in 0..ROUNDS {
        head();
        let locked = number.read();
        sum += *locked;
        cede();
    }
    sum
}

#[inline(never)]
fn worker_loop_write(number: &RwLock<u64>) {
    for _ in 0..ROUNDS {
        head();
        *number.write() += 1;
        cede();
    }
}

/// A frame between the loop and the switch.
#[inline(never)]
fn twin_loop_frame() {
    #[inline(never)]
    fn cedes() {
        cede();
        black_box(());
    }
    for _ in 0..ROUNDS {
        head();
        cedes();
    }
}

/// A call before each switch.
#[inline(never)]
fn twin_loop_call(count: &mut u64) {
    #[inline(never)]
    fn counts(count: &mut u64) {
        *black_box(count) += 1;
    }
    for _ in 0..ROUNDS {
        head();
        counts(count);
        cede();
    }
}

fn main() {
    let channel = Rc::new(Channel::bounded(8));
    let (mine, theirs) = (Rc::new(Semaphore::new(1)), Rc::new(Semaphore::new(0)));
    let (mine_too, theirs_too) = (mine.clone(), theirs.clone());
    let permit = Rc::new(Semaphore::new(1));
    let permit_too = permit.clone();
    let (gets, puts) = (channel.clone(), channel.clone());
    let (ping, pong) = (Rc::new(Signal::new()), Rc::new(Signal::new()));
    ping.send();
    let (ping_too, pong_too) = (ping.clone(), pong.clone());
    let (mutex, lock) = (Rc::new(Mutex::new(0)), Rc::new(RwLock::new(0)));
    let (mutex_too, lock_too) = (mutex.clone(), lock.clone());
    let (counted, written) = (mutex.clone(), lock.clone());
    let getter = spawn(move || worker_loop_get(&gets));
    let others = [
        spawn(worker_loop_cede),
        spawn(move || worker_loop_down_up(&mine, &theirs)),
        spawn(move || worker_loop_down_up(&theirs_too, &mine_too)),
        spawn(move || worker_loop_acquire(&permit)),
        spawn(move || worker_loop_acquire(&permit_too)),
        spawn(move || worker_loop_put(&puts)),
        spawn(move || worker_loop_wait(&ping, &pong)),
        spawn(move || worker_loop_wait(&pong_too, &ping_too)),
        spawn(move || worker_loop_lock(&mutex)),
        spawn(move || worker_loop_lock(&mutex_too)),
        spawn(move || {
            black_box(worker_loop_read(&lock));
        }),
        spawn(move || worker_loop_write(&lock_too)),
        spawn(twin_loop_frame),
        spawn(|| {
            let mut count = 0;
            twin_loop_call(&mut count);
            assert_eq!(count, ROUNDS);
        }),
    ];
    others.into_iter().for_each(ended);
    channel.shutdown();
    let sum = getter.join().expect("the getter ends");
    assert_eq!((*counted.lock(), *written.read()), (2 * ROUNDS, ROUNDS));
    println!("{sum}");
}

fn ended(coro: JoinHandle<()>) {
    coro.join().expect("a worker ends");
}
