//! Each gets the haircut that it has ordered, and a chair that somebody has is nobody else's.

use std::cell::Cell;
use std::rc::Rc;

use coro::JoinHandle;
use coro_explore::{Builder, Failure, Report};

use super::super::answers::barber::Shop;
use super::all;

pub(crate) fn judge() -> Result<Report, Failure> {
    all(
        &Builder::new().spurious(0).delays(3),
        &[
            || while_ann_takes_her_coat_off(1),
            || while_ann_takes_her_coat_off(2),
            all_at_the_same_time,
            while_anns_hair_is_cut,
        ],
    )
}

fn spawn<T, F>(name: &str, shop: &Rc<Shop>, f: F) -> JoinHandle<T>
where
    T: 'static,
    F: FnOnce(&Shop) -> T + 'static,
{
    let shop = shop.clone();
    coro::Builder::new().desc(name).spawn(move || f(&shop))
}

fn while_ann_takes_her_coat_off(chairs: usize) {
    let shop = Rc::new(Shop::new(chairs));
    let coat_is_off = Rc::new(Cell::new(false));
    let (theirs, is_off) = (shop.clone(), coat_is_off.clone());
    let cy = coro::Builder::new().desc("cy").spawn(move || {
        for _ in 0..chairs {
            theirs.serve(|order| {
                assert!(order == 2 || is_off.get(), "ann still has her coat on");
                order * 10
            });
        }
    });
    // The body of the exploration is Ann.
    let cut = shop.visit(1, || {
        let bob = spawn("bob", &shop, |shop| shop.visit(2, || ()));
        let bob = bob.join().expect("nobody cancels him");
        let (hoped, why) = match chairs {
            1 => (None, "ann has the only chair"),
            _ => (Some(20), "there are two chairs, and a barber"),
        };
        assert_eq!(bob, hoped, "{why}");
        coat_is_off.set(true);
    });
    assert_eq!(cut, Some(10), "ann's hair is cut as she has ordered");
    cy.join().expect("nobody cancels him");
}

fn all_at_the_same_time() {
    let shop = Rc::new(Shop::new(2));
    let cuts = [("ann", 1), ("bob", 2)]
        .map(|(name, order)| spawn(name, &shop, move |shop| shop.visit(order, || ())));
    let barbers = ["cy", "dan"].map(|name| {
        spawn(name, &shop, |shop| {
            shop.serve(|order| {
                coro::cede();
                order * 10
            });
        })
    });
    let cuts = cuts.map(|cut| cut.join().expect("nobody cancels it"));
    assert_eq!(cuts, [Some(10), Some(20)], "each as it has ordered");
    for barber in barbers {
        barber.join().expect("nobody cancels him");
    }
}

fn while_anns_hair_is_cut() {
    let shop = Rc::new(Shop::new(1));
    let ann = spawn("ann", &shop, |shop| {
        let cut = shop.visit(1, || ());
        assert_eq!(cut, Some(10), "ann's hair is cut before she goes");
    });
    // The body of the exploration is one barber, dan is another.
    shop.serve(|order| {
        let bob = spawn("bob", &shop, |shop| shop.visit(2, || ()));
        let dan = spawn("dan", &shop, |shop| shop.serve(|order| order * 10));
        let bob = bob.join().expect("nobody cancels him");
        assert_eq!(bob, Some(20), "bob's, on the chair that ann has left");
        dan.join().expect("nobody cancels him");
        order * 10
    });
    ann.join().expect("nobody cancels her");
}
