//! No ticket is sold twice, nobody pays for nothing, and two can pay at the same time.

use std::cell::Cell;
use std::rc::Rc;

use coro_explore::{Builder, Failure, Report};

use super::super::answers::lost_update::Till;
use super::all;

pub(crate) fn judge() -> Result<Report, Failure> {
    all(
        &Builder::new().spurious(0),
        &[two_customers_and_a_ticket, one_pays_while_the_other_does],
    )
}

fn two_customers_and_a_ticket() {
    let till = Rc::new(Till::new(1));
    let (sold, paid) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let customers = ["ann", "bob"].map(|name| {
        let (till, sold, paid) = (till.clone(), sold.clone(), paid.clone());
        coro::Builder::new().desc(name).spawn(move || {
            let is_sold = till.sell(|| {
                paid.set(paid.get() + 1);
                coro::cede();
            });
            sold.set(sold.get() + u32::from(is_sold));
        })
    });
    for customer in customers {
        customer.join().expect("nobody cancels it");
    }
    assert_eq!(sold.get(), 1, "there is one ticket");
    assert_eq!(paid.get(), 1, "who pays has a ticket");
}

fn one_pays_while_the_other_does() {
    let till = Rc::new(Till::new(2));
    let theirs = till.clone();
    let other = coro::Builder::new()
        .desc("cy")
        .spawn(move || theirs.sell(coro::cede));
    // This one's card takes so long that the other is served meanwhile.
    let is_sold = till.sell(|| assert!(other.join().expect("nobody cancels it")));
    assert!(is_sold);
}
