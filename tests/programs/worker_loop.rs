//! Worker loops for `it/disassembly.rs` to take apart: each in a function of its own, with a name
//! that can be found, and twins that do what must not be done.

use std::hint::black_box;
use std::rc::Rc;

use coro::{JoinHandle, cede, spawn};
use coro_channel::Channel;
use coro_semaphore::Semaphore;

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
    let getter = spawn(move || worker_loop_get(&gets));
    let others = [
        spawn(worker_loop_cede),
        spawn(move || worker_loop_down_up(&mine, &theirs)),
        spawn(move || worker_loop_down_up(&theirs_too, &mine_too)),
        spawn(move || worker_loop_acquire(&permit)),
        spawn(move || worker_loop_acquire(&permit_too)),
        spawn(move || worker_loop_put(&puts)),
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
    println!("{sum}");
}

fn ended(coro: JoinHandle<()>) {
    coro.join().expect("a worker ends");
}
