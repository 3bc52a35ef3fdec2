//! Records two deposits into one account, and shows what has happened.

use std::rc::Rc;

use coro_sync::Mutex;

/// Ann and Bob bring money at the same time.
pub(crate) fn deposit() {
    let account = Rc::new(Mutex::new(0));
    let deposits = [("ann", 10), ("bob", 5)].map(|(name, amount)| {
        let account = account.clone();
        coro::Builder::new().desc(name).spawn(move || {
            let mut balance = account.lock();
            coro::note("asks the bank");
            coro::cede();
            *balance += amount;
        })
    });
    for deposit in deposits {
        deposit.join().expect("nobody cancels it");
    }
    assert_eq!(*account.lock(), 15);
}

fn main() {
    let ((), trace) = coro_debug::trace::record(deposit);
    println!("{trace}");
    std::fs::write("deposits.svg", trace.to_svg()).expect("the folder can be written to");
}
