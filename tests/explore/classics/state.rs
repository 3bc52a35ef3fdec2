//! What was looked at before a switch is not the same after it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro_explore::{Builder, Verdict, invariant, note};
use coro_sync::Once;

use super::{join, right, spawn, wrong};

/// Checks the balance, lets others run, and then draws: both have checked before one has drawn. No
/// deviation is needed.
#[test]
fn a_check_is_out_of_date() {
    fn draw_twice(draw: fn(&Cell<i32>)) {
        let balance = Rc::new(Cell::new(5));
        let seen = balance.clone();
        invariant("the balance is not negative", move || seen.get() >= 0);
        let all = ["ann", "bob"].map(|name| {
            let balance = balance.clone();
            spawn(name, move || draw(&balance))
        });
        join(all);
    }
    let explorer = Builder::new();
    wrong("check_then_act", &explorer, Verdict::Invariant, || {
        draw_twice(|balance| {
            if balance.get() >= 4 {
                note(format!("has checked {}", balance.get()));
                coro::cede();
                balance.set(balance.get() - 4);
            }
        });
    });
    right("check_then_act", &explorer, 48, || {
        draw_twice(|balance| {
            if balance.get() >= 4 {
                balance.set(balance.get() - 4);
                coro::cede();
            }
        });
    });
}

/// Makes a value when it finds none, and lets others run while it does: it is made twice. No deviation
/// is needed.
#[test]
fn a_value_is_made_twice() {
    /// Two ways to keep a value.
    #[derive(Default)]
    struct Kept {
        cell: Cell<Option<u32>>,
        once: Once<u32>,
    }
    fn ask_both(get: fn(&Kept, &dyn Fn() -> u32) -> u32) {
        let kept = Rc::new(Kept::default());
        let made = Rc::new(Cell::new(0));
        let all = ["ann", "bob"].map(|name| {
            let (kept, made) = (kept.clone(), made.clone());
            let make = move || {
                coro::cede(); // reads a file
                made.set(made.get() + 1);
                made.get()
            };
            spawn(name, move || {
                assert_eq!(get(&kept, &make), 1, "it is made once");
            })
        });
        join(all);
    }
    let explorer = Builder::new();
    wrong("made_twice", &explorer, Verdict::Panic, || {
        ask_both(|kept, make| {
            if kept.cell.get().is_none() {
                kept.cell.set(Some(make()));
            }
            kept.cell.get().expect("it was made")
        });
    });
    right("made_twice", &explorer, 67, || {
        ask_both(|kept, make| *kept.once.get_or_init(make));
    });
}

/// Slots that are used again.
#[derive(Default)]
struct Table {
    slots: RefCell<Vec<Slot>>,
}

#[derive(Default)]
struct Slot {
    value: Option<&'static str>,
    /// How often it was emptied.
    age: u32,
}

impl Table {
    /// Returns the index, and the age of the slot.
    fn insert(&self, value: &'static str) -> (usize, u32) {
        let mut slots = self.slots.borrow_mut();
        let free = slots.iter().position(|slot| slot.value.is_none());
        let at = free.unwrap_or_else(|| {
            slots.push(Slot::default());
            slots.len() - 1
        });
        slots[at].value = Some(value);
        (at, slots[at].age)
    }

    fn remove(&self, at: usize) {
        let slot = &mut self.slots.borrow_mut()[at];
        slot.value = None;
        slot.age += 1;
    }

    fn get(&self, (at, age): (usize, u32)) -> Option<&'static str> {
        let slot = &self.slots.borrow()[at];
        slot.value.filter(|_| slot.age == age)
    }

    fn get_whatever_age(&self, (at, _): (usize, u32)) -> Option<&'static str> {
        self.slots.borrow()[at].value
    }
}

/// An index is kept over a switch, its slot is emptied and used again: it is another's value that is
/// found. No deviation is needed.
#[test]
fn a_slot_is_used_again() {
    fn reuse(get: fn(&Table, (usize, u32)) -> Option<&'static str>) {
        let table = Rc::new(Table::default());
        let file = table.insert("ann's file");
        let theirs = table.clone();
        let reader = spawn("reader", move || {
            coro::cede();
            let found = get(&theirs, file);
            let is_right = found.is_none_or(|name| name == "ann's file");
            assert!(is_right, "reads {found:?}");
        });
        let theirs = table.clone();
        let closer = spawn("closer", move || theirs.remove(file.0));
        let opener = spawn("opener", move || _ = table.insert("bob's file"));
        join([reader, closer, opener]);
    }
    let explorer = Builder::new();
    wrong("slot_again", &explorer, Verdict::Panic, || {
        reuse(Table::get_whatever_age);
    });
    right("slot_again", &explorer, 235, || reuse(Table::get));
}

/// A `RefCell` is borrowed over a switch, and another coro wants to write. One delay.
#[test]
fn a_borrow_is_kept_over_a_switch() {
    fn publish(tell: fn(&RefCell<Vec<u32>>)) {
        let guests = Rc::new(RefCell::new(vec![1]));
        let theirs = guests.clone();
        let late = spawn("late", move || theirs.borrow_mut().push(2));
        let host = spawn("host", move || tell(&guests));
        join([late, host]);
    }
    let explorer = Builder::new();
    wrong("borrow_over_switch", &explorer, Verdict::Panic, || {
        publish(|guests| guests.borrow().iter().for_each(|_| coro::cede()));
    });
    right("borrow_over_switch", &explorer, 52, || {
        publish(|guests| {
            let all = guests.borrow().clone();
            all.iter().for_each(|_| coro::cede());
        });
    });
}
