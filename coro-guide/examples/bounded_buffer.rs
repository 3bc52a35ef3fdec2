//! A shelf with few places: who puts waits for a place, who takes waits for a loaf.

use std::collections::VecDeque;
use std::rc::Rc;

use coro_sync::{Condvar, Mutex};

const PLACES: usize = 1;

#[derive(Default)]
struct Shelf {
    loaves: Mutex<VecDeque<u32>>,
    filled: Condvar,
    emptied: Condvar,
}

impl Shelf {
    fn put(&self, loaf: u32) {
        let loaves = self.loaves.lock();
        let mut loaves = self.emptied.wait_while(loaves, |all| all.len() == PLACES);
        loaves.push_back(loaf);
        coro::note(format_args!("puts {loaf}"));
        self.filled.notify_one();
    }

    fn take(&self) -> u32 {
        let loaves = self.loaves.lock();
        let mut loaves = self.filled.wait_while(loaves, |all| all.is_empty());
        let loaf = loaves.pop_front().expect("it is not empty");
        coro::note(format_args!("takes {loaf}"));
        self.emptied.notify_one();
        loaf
    }
}

pub(crate) fn main() {
    let shelf = Rc::new(Shelf::default());
    let theirs = shelf.clone();
    let bake = move || (1..=3).for_each(|loaf| theirs.put(loaf));
    let baker = coro::Builder::new().desc("baker").spawn(bake);
    let customers = [("ann", 1), ("bob", 2)].map(|(name, wants)| {
        let shelf = shelf.clone();
        let buy = move || (0..wants).map(|_| shelf.take()).sum::<u32>();
        coro::Builder::new().desc(name).spawn(buy)
    });
    baker.join().expect("nobody cancels it");
    let taken = customers.map(|customer| customer.join().expect("nobody cancels it"));
    assert_eq!(taken.iter().sum::<u32>(), 6, "each loaf is sold once");
}
