//! A transfer moves money between two accounts of a customer, and an audit adds them up.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use coro_sync::SemaphoreSet;

struct Bank {
    accounts: HashMap<&'static str, [Cell<u32>; 2]>,
    locks: SemaphoreSet<&'static str>,
}

impl Bank {
    /// Moves money from the customer's first account to the second.
    fn transfer(&self, customer: &'static str, amount: u32) {
        let _guard = self.locks.acquire(customer);
        let [from, to] = &self.accounts[customer];
        from.set(from.get() - amount);
        coro::note("has taken it");
        coro::cede(); // the money is on its way: others run, and it is in neither account
        to.set(to.get() + amount);
        coro::note("has brought it");
    }

    /// Returns how much the customer has in both.
    fn audit(&self, customer: &'static str) -> u32 {
        let _guard = self.locks.acquire(customer);
        coro::note(format_args!("adds up {customer}'s"));
        self.accounts[customer].iter().map(Cell::get).sum()
    }
}

pub(crate) fn main() {
    let account = |balances: [u32; 2]| balances.map(Cell::new);
    let bank = Rc::new(Bank {
        accounts: [("ann", account([10, 0])), ("bob", account([5, 5]))].into(),
        locks: SemaphoreSet::new(1), // for each customer, one at a time
    });
    let theirs = bank.clone();
    let audit = move || ["ann", "bob"].map(|customer| theirs.audit(customer));
    let audit = coro::Builder::new().desc("audit").spawn(audit);
    let transfers = [("rent", 4), ("gift", 3)].map(|(name, amount)| {
        let bank = bank.clone();
        let transfer = move || bank.transfer("ann", amount);
        coro::Builder::new().desc(name).spawn(transfer)
    });
    for transfer in transfers {
        transfer.join().expect("nobody cancels it");
    }
    assert_eq!(audit.join().expect("nobody cancels it"), [10, 10]);
}
