//! Blocks that run whenever their coro is switched to, or away from.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use crate::control::{Coro, Wind, WindAt};
use crate::functions::current;
use crate::passage::run_block;
use crate::root;
use crate::state::{ENDED, WINDERS};

/// Runs `block` now, and whenever the current coro is switched to, until the guard is dropped.
///
/// Blocks run in the order of their installation. They may neither switch nor panic: a switch in
/// one panics, and a panic in one ends the process.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// use std::{cell::Cell, rc::Rc};
///
/// let entered = Rc::new(Cell::new(0));
/// let count = entered.clone();
/// let guard = coro::on_enter(move || count.set(count.get() + 1));
/// coro::spawn(|| ()).join().unwrap();
/// drop(guard);
/// assert_eq!(entered.get(), 2); // at installation, and when we came back
/// ```
///
/// # Source
///
/// Coro 6.57, `on_enter`.
#[must_use = "the block is removed when the guard is dropped"]
#[track_caller]
pub fn on_enter(block: impl FnMut() + 'static) -> Winder {
    let winder = Winder::install(WindAt::Enter, block);
    run_block(root::kernel(), &*winder.block, WindAt::Enter);
    winder
}

/// Runs `block` whenever the current coro is switched away from, and when the guard is dropped.
///
/// Blocks run in the reverse order of their installation. They may neither switch nor panic.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// use std::{cell::Cell, rc::Rc};
///
/// let left = Rc::new(Cell::new(0));
/// let count = left.clone();
/// let guard = coro::on_leave(move || count.set(count.get() + 1));
/// coro::spawn(|| ()).join().unwrap();
/// assert_eq!(left.get(), 1);
/// drop(guard);
/// assert_eq!(left.get(), 2);
/// ```
///
/// # Source
///
/// Coro 6.57, `on_leave`.
#[must_use = "the block runs and is removed when the guard is dropped"]
#[track_caller]
pub fn on_leave(block: impl FnMut() + 'static) -> Winder {
    Winder::install(WindAt::Leave, block)
}

/// Keeps a block of [`on_enter`] or [`on_leave`] installed.
///
/// # Examples
///
/// ```
/// let guard: coro::Winder = coro::on_enter(|| ());
/// assert!(format!("{guard:?}").starts_with("Winder"));
/// ```
pub struct Winder {
    coro: Coro,
    key: u64,
    at: WindAt,
    block: Rc<dyn Fn()>,
}

impl Winder {
    #[track_caller]
    fn install(at: WindAt, block: impl FnMut() + 'static) -> Winder {
        let coro = current();
        let key = root::kernel().next_id();
        let block = RefCell::new(block);
        let block: Rc<dyn Fn()> = Rc::new(move || {
            // A block whose own guard is dropped within it is not run anew.
            if let Ok(mut block) = block.try_borrow_mut() {
                block();
            }
        });
        let rare = coro.control().rare();
        let mut winders = rare.winders.take();
        winders.push(Wind {
            at,
            key,
            block: block.clone(),
        });
        rare.winders.set(winders);
        coro.control().set(WINDERS);
        Winder {
            coro,
            key,
            at,
            block,
        }
    }
}

impl Drop for Winder {
    fn drop(&mut self) {
        let c = self.coro.control();
        if c.has(ENDED) {
            return;
        }
        let mut winders = c.rare().winders.take();
        winders.retain(|w| w.key != self.key);
        if winders.is_empty() {
            c.clear(WINDERS);
        }
        c.rare().winders.set(winders);
        // In another coro's hands the guard only removes: this coro is not left now.
        if self.at == WindAt::Leave && self.coro.is_running() {
            run_block(root::kernel(), &*self.block, WindAt::Leave);
        }
    }
}

impl fmt::Debug for Winder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Winder")
            .field("coro", &self.coro)
            .finish_non_exhaustive()
    }
}
