//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Be the scheduler: choose who runs next, and make a wrong program fail.
///
/// Without a level: lists them, to choose one.
#[derive(Debug, Parser)]
#[command(name = "be-the-scheduler", version, after_help = SCRIPTS)]
pub(crate) struct Args {
    /// The level: its name, how that begins, or its number
    pub(crate) level: Option<String>,

    /// Lists the levels
    #[arg(long, conflicts_with_all = ["level", "script"])]
    pub(crate) list: bool,

    /// Plays moves from a file, or from a pipe if it is `-`, and prints what a player would see;
    /// exits with 0 if the program fails at the end, with 1 if not, and with 2 if a line is wrong
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,

    /// Prints only the last screen of the script
    #[arg(long, requires = "script")]
    pub(crate) quiet: bool,
}

const SCRIPTS: &str = "\
In a script, a line is one of: run 1, wake 1, pick 0, timer, throw 1, cancel 1, safe_cancel 1,
timeout 1, enter (what production would do), end (that, until it is over), undo, restart, hint,
source, report, help, show, next, previous. What follows # is a comment.

CORO_SCHEDULE=v1:LEVEL:… in the environment, as the game and the pages of the guide print it, begins
where that leads.";
