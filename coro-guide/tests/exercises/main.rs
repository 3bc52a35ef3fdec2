//! Judges the answers to the exercises, by exploration.
//!
//! `cargo test -p coro-guide --test exercises yours:: -- --ignored` judges what the reader has written
//! in `exercises/`. Without `--ignored`, the solutions are judged, and shall be right; and the
//! exercises, and shall be wrong as long as nobody has done them.
#![allow(
    unreachable_pub,
    clippy::duplicate_mod,
    reason = "the answers are written as a library is, and each judge has two of them to judge"
)]

use std::panic;

use coro_explore::Failure;

#[path = "ours.rs"]
mod our_files;
#[path = "yours.rs"]
mod your_files;

/// Ends a test without a backtrace, which would be that of the judge. The reader's terminal may be small.
fn reject(failure: &Failure) {
    println!("not yet\n{failure:80}");
    panic::resume_unwind(Box::new("not yet"));
}

/// Makes three tests for each exercise.
macro_rules! exercises {
    ($($name:ident)*) => {
        mod yours {
            use super::your_files::judges;
            $(
                #[test]
                #[ignore = "it judges the reader's answer"]
                fn $name() {
                    match judges::$name::judge() {
                        Ok(report) => println!("right: {report}"),
                        Err(failure) => crate::reject(&failure),
                    }
                }
            )*
        }

        mod ours {
            use super::our_files::judges;
            $(
                #[test]
                fn $name() {
                    match judges::$name::judge() {
                        Ok(report) => assert!(report.is_exhaustive(), "{report}"),
                        Err(failure) => panic!("{failure}"),
                    }
                }
            )*
        }

        mod as_handed_out {
            use super::your_files::judges;
            $(
                #[test]
                fn $name() {
                    assert!(judges::$name::judge().is_err(), "somebody has done this exercise");
                }
            )*
        }

        /// Their names.
        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

exercises! {
    ready_queue between_switches locks lost_update forgotten_up if_or_while rendezvous barrier
    bounded_buffer readers_writers dining barber h2o smokers cancellation deadlines channels
    coro_local priorities semaphore switching
}

#[test]
fn every_page_has_an_exercise() {
    let pages: Vec<_> = coro_guide::pages().iter().map(|page| page.name).collect();
    assert_eq!(NAMES, pages);
}
