//! Variables with a value of their own in every coro.
//!
//! ```
//! use std::cell::{Cell, RefCell};
//! use std::rc::Rc;
//!
//! use coro_specific::coro_local;
//!
//! coro_local! {
//!     /// For whom all this is done.
//!     static USER: Cell<&'static str> = Cell::new("nobody");
//! }
//!
//! type Log = RefCell<Vec<String>>;
//!
//! /// Writes a line. It is called from deep inside, where nobody knows for whom.
//! fn write(log: &Log, what: &str) {
//!     let line = format!("{} {what}", USER.get());
//!     coro::note(&line);
//!     log.borrow_mut().push(line);
//! }
//!
//! fn find(log: &Log) {
//!     write(log, "asks");
//!     coro::cede(); // the answer is on its way, and others run
//!     write(log, "gets it");
//! }
//!
//! fn serve(user: &'static str, log: &Log) {
//!     USER.set(user);
//!     find(log);
//! }
//!
//! let log = Rc::new(Log::default());
//! let theirs = log.clone();
//! let bob = move || serve("bob", &theirs);
//! let bob = coro::Builder::new().desc("bob").spawn(bob);
//! let theirs = log.clone();
//! let ann = move || {
//!     coro::cede(); // she comes a little later
//!     serve("ann", &theirs);
//! };
//! let ann = coro::Builder::new().desc("ann").spawn(ann);
//! for coro in [bob, ann] {
//!     coro.join().expect("nobody cancels it");
//! }
//! let mut lines = log.take();
//! lines.sort_unstable();
//! let both = ["ann asks", "ann gets it", "bob asks", "bob gets it"];
//! assert_eq!(lines, both);
//! ```
//!
//! That is *Coro-local variables* of the guide (the crate `coro-guide`), which has a picture of this run, and
//! shows whose name stands in the log with a `thread_local!`.
//!
//! # Which one
//!
//! | | made by | a new coro starts with |
//! |---|---|---|
//! | [`Specific`] | `Specific::new` | no value |
//! | [`Specific`] | `Specific::with_init` | what its initialiser makes, when it first asks |
//! | [`LocalKey`], a static | [`coro_local!`] | the same |
//! | [`Inherited`] | `Inherited::new` | the value of the coro that makes it |
//!
//! # When a value is dropped
//!
//! With its coro, after the locals of the coro's body and before its destroy handlers run, in the
//! context of that coro. A destructor may block, and may use variables: what it puts in is dropped
//! too, again and again until nothing is left, so one that always puts in another keeps its coro from
//! its end. What a destroy handler puts in is dropped after the handlers. One destructor's panic
//! does not keep the others from running.
//!
//! With its variable, in the context of the coro that drops the variable. If destructors panic, all
//! run, and the first panic goes on.
//!
//! Never, at the end of an OS thread: the values of main, and of coros that are left, are leaked.
#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod hidden;
mod home;
mod inherited;
mod local_key;
mod specific;

pub use crate::inherited::Inherited;
pub use crate::local_key::LocalKey;
pub use crate::specific::Specific;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
