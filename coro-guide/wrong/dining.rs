//! Three philosophers, and a fork between any two: each takes the left one first.

use std::rc::Rc;

use coro_sync::Mutex;

type Forks = [Mutex<()>; 3];

/// Eats and thinks, twice. For eating, both forks beside the seat are needed.
fn dine(forks: &Forks, seat: usize) {
    let (left, right) = (seat, (seat + 1) % 3);
    for _ in 0..2 {
        let one = forks[left].lock();
        let other = forks[right].lock();
        coro::note("eats");
        coro::cede();
        drop((one, other));
        coro::cede(); // thinks
    }
}

pub(crate) fn main() {
    let forks: Rc<Forks> = Rc::new([
        Mutex::new(()), // between mill and kant
        Mutex::new(()), // between kant and hume
        Mutex::new(()), // between hume and mill
    ]);
    let philosophers = ["kant", "hume", "mill"].into_iter().enumerate();
    let all: Vec<_> = philosophers
        .map(|(seat, name)| {
            let forks = forks.clone();
            let dine = move || dine(&forks, seat);
            coro::Builder::new().desc(name).spawn(dine)
        })
        .collect();
    for philosopher in all {
        philosopher.join().expect("nobody cancels it");
    }
    assert!(forks.iter().all(|fork| fork.try_lock().is_some()));
}
