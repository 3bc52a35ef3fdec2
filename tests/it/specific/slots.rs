//! The slots of coro-local variables: one that is free is used again, and shows nothing of what was in it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{LocalSlot, cede, schedule, scope, spawn};
use coro_specific::Specific;

use crate::support::counted;

#[test]
fn a_place_is_used_again_and_nothing_of_an_older_slot_is_left_in_it() {
    let (value, drops) = counted();
    let old = Rc::new(LocalSlot::new());
    let new = Rc::new(RefCell::new(None::<LocalSlot>));
    let (theirs, later) = (old.clone(), new.clone());
    let seen = Rc::new(Cell::new(None));
    let tells = seen.clone();
    let c = spawn(|| ());
    c.on_destroy(move || {
        theirs.put(Rc::new(value), 7);
        drop(theirs);
        schedule();
        let slot = later.borrow();
        let slot = slot.as_ref().expect("it was made meanwhile");
        let before = (slot.get().is_none(), slot.note());
        assert!(slot.replace(Some(Rc::new("new"))).is_none());
        tells.set(Some((before, slot.note())));
    });
    cede();
    let place = format!("{old:?}");
    drop(old);
    *new.borrow_mut() = Some(LocalSlot::new());
    assert_eq!(place, format!("{:?}", new.borrow().as_ref().unwrap()));
    // That of a coro which has ended, and runs its destroy handlers, went too.
    assert_eq!(drops.get(), 1);
    c.ready();
    cede();
    assert_eq!(seen.get(), Some(((true, None), Some(0))));
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_thousand_variables_one_after_another_use_one_place() {
    let place = format!("{:?}", LocalSlot::new());
    for _ in 0..1_000 {
        assert_eq!(format!("{:?}", LocalSlot::new()), place);
    }
}

#[test]
fn many_variables_in_many_coros_agree_with_a_table() {
    const VARIABLES: usize = 40;
    const COROS: usize = 30;
    let variables: Rc<RefCell<Vec<Rc<Specific<u64>>>>> = Rc::new(RefCell::new(
        (0..VARIABLES).map(|_| Rc::new(Specific::new())).collect(),
    ));
    // What each coro's value of each variable is; a new variable clears its column.
    let table = Rc::new(RefCell::new(vec![[None; VARIABLES]; COROS]));
    let state = Rc::new(Cell::new(1_u64));
    let random = move |below: usize| {
        state.set(
            state
                .get()
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(99),
        );
        (state.get() >> 33) as usize % below
    };
    scope(|s| {
        for row in 0..COROS {
            let (variables, table, random) = (variables.clone(), table.clone(), random.clone());
            s.spawn(move || {
                for _ in 0..300 {
                    let column = random(VARIABLES);
                    let variable = variables.borrow()[column].clone();
                    let expected = table.borrow()[row][column];
                    assert_eq!(variable.get(), expected, "row {row}, column {column}");
                    let new = match random(8) {
                        0 => {
                            assert_eq!(variable.take(), expected);
                            drop(variable);
                            None
                        }
                        1 => {
                            drop(variable);
                            table
                                .borrow_mut()
                                .iter_mut()
                                .for_each(|row| row[column] = None);
                            let old = std::mem::replace(
                                &mut variables.borrow_mut()[column],
                                Rc::new(Specific::new()),
                            );
                            assert_eq!(Rc::strong_count(&old), 1);
                            drop(old);
                            None
                        }
                        _ => {
                            let value = random(1_000) as u64;
                            assert_eq!(variable.replace(value), expected);
                            drop(variable);
                            Some(value)
                        }
                    };
                    table.borrow_mut()[row][column] = new;
                    cede();
                }
            });
        }
    });
    let variables = variables.borrow();
    assert!(variables.iter().all(|variable| variable.get().is_none()));
}
