//! Two coros add to one number, and let others run between reading and writing.

use std::cell::Cell;
use std::rc::Rc;

struct Account {
    balance: Cell<u32>,
}

impl Account {
    /// Adds `amount`, and asks the bank in between, which takes a while.
    fn deposit(&self, amount: u32) {
        let old = self.balance.get();
        coro::note(format_args!("reads {old}"));
        ask_the_bank();
        self.balance.set(old + amount);
        coro::note(format_args!("writes {}", old + amount));
    }
}

/// Others run while it waits.
fn ask_the_bank() {
    coro::cede();
}

pub(crate) fn main() {
    let account = Rc::new(Account {
        balance: Cell::new(0),
    });
    let deposits = [("ann", 10), ("bob", 5)].map(|(name, amount)| {
        let account = account.clone();
        let deposit = move || account.deposit(amount);
        coro::Builder::new().desc(name).spawn(deposit)
    });
    for deposit in deposits {
        deposit.join().expect("nobody cancels it");
    }
    assert_eq!(account.balance.get(), 15);
}
