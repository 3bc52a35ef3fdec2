//! Variables with a value of their own in every coro.
//!
//! ```
//! use coro_specific::Specific;
//! use std::rc::Rc;
//!
//! let name = Rc::new(Specific::new());
//! name.set("main");
//! let theirs = name.clone();
//! let c = coro::spawn(move || {
//!     assert_eq!(theirs.get(), None); // nothing is inherited
//!     theirs.set("c");
//!     coro::cede();
//!     theirs.get()
//! });
//! coro::cede();
//! assert_eq!(name.get(), Some("main"));
//! assert_eq!(c.join().unwrap(), Some("c"));
//! ```
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
