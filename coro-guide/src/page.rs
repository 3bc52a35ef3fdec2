//! What a page is to the programs that read it.

use std::fmt;

use coro_explore::{Builder, Verdict};

/// One page of the guide, for programs: its two versions, and how the wrong one is convicted.
///
/// # Examples
///
/// ```
/// let page = coro_guide::page("lost_update").unwrap();
/// (page.right)(); // in production order
/// let failure = (page.explorer)().run(page.wrong).unwrap_err();
/// assert_eq!(failure.verdict(), page.verdict);
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Page {
    /// The name of its module, and of its files.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// What is to be done, in a sentence or two.
    pub problem: &'static str,
    /// The right program.
    pub right: fn(),
    /// The wrong program: in some order it fails.
    pub wrong: fn(),
    /// The text of the wrong program.
    pub wrong_source: &'static str,
    /// What both are explored with.
    pub explorer: fn() -> Builder,
    /// What is wrong with the wrong program.
    pub verdict: Verdict,
    /// How to make the wrong program fail: each says more than the one before.
    pub hints: &'static [&'static str],
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
