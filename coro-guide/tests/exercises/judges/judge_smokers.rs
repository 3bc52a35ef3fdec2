//! Everybody gets the tools that it needs, and who waits has none.

use std::cell::Cell;
use std::rc::Rc;

use coro::JoinHandle;
use coro_explore::{Builder, Failure, Report};

use super::super::answers::smokers::Shed;
use super::all;

/// A shed, and how many have each tool.
struct Work {
    shed: Shed,
    have: [Cell<u32>; 3],
}

pub(crate) fn judge() -> Result<Report, Failure> {
    all(
        &Builder::new().spurious(0).delays(3),
        &[
            in_a_circle,
            || who_waits_has_nothing(0, 1),
            || who_waits_has_nothing(1, 0),
            who_has_enough_does_not_wait,
        ],
    )
}

impl Work {
    fn new() -> Rc<Work> {
        let have = [const { Cell::new(0) }; 3];
        let shed = Shed::new(have.len());
        Rc::new(Work { shed, have })
    }

    fn take(&self, tools: &[usize]) {
        self.shed.take(tools);
        for &tool in tools {
            assert_eq!(self.have[tool].replace(1), 0, "two have the same tool");
        }
    }

    fn give_back(&self, tools: &[usize]) {
        for &tool in tools {
            self.have[tool].set(0);
        }
        self.shed.give_back(tools);
    }
}

/// Spawns one that takes these tools, and gives them back.
fn spawn(name: &str, work: &Rc<Work>, tools: &[usize]) -> JoinHandle<()> {
    let (work, tools) = (work.clone(), tools.to_vec());
    coro::Builder::new().desc(name).spawn(move || {
        work.take(&tools);
        coro::cede();
        work.give_back(&tools);
    })
}

fn in_a_circle() {
    let work = Work::new();
    let tools = [("ann", [0, 1]), ("bob", [1, 2]), ("cy", [2, 0])];
    for coro in tools.map(|(name, tools)| spawn(name, &work, &tools)) {
        coro.join().expect("nobody cancels it");
    }
}

/// The body of the exploration has one of two tools, and bob needs both.
fn who_waits_has_nothing(taken: usize, free: usize) {
    let work = Work::new();
    work.take(&[taken]);
    let bob = spawn("bob", &work, &[0, 1]);
    coro::cede();
    assert!(
        bob.is_new() || !bob.is_ready(),
        "who waits does not stand in the ready queue"
    );
    let cy = spawn("cy, whose tool nobody has", &work, &[free]);
    cy.join().expect("nobody cancels him");
    work.give_back(&[taken]);
    bob.join().expect("nobody cancels him");
}

fn who_has_enough_does_not_wait() {
    let work = Work::new();
    work.take(&[2, 1, 0]);
    let bob = spawn("bob", &work, &[0, 1]);
    let cy = spawn("cy, whose tool is back", &work, &[1]);
    coro::cede();
    work.give_back(&[1]);
    // Bob has waited longer, but not for that alone.
    cy.join().expect("nobody cancels him");
    work.give_back(&[0, 2]);
    bob.join().expect("nobody cancels him");
}
