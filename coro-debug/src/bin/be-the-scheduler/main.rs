//! A game: the player schedules, and wins by making a wrong program of the guide fail.
#![forbid(unsafe_code)]

mod cli;
mod game;
mod keys;
mod levels;
mod script;
mod session;
mod terminal;
mod view;
mod wording;

use std::env;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::cli::Args;
use crate::session::{Action, Session};

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(code) => code,
        Err(what) => {
            eprintln!("be-the-scheduler: {what}");
            ExitCode::from(2)
        }
    }
}

/// Returns the exit code: 0 if all is well, and 1 if a script has not won.
fn run(args: &Args) -> Result<ExitCode, String> {
    let levels = levels::levels();
    let schedule = env::var_os("CORO_SCHEDULE");
    let schedule = schedule.map(|schedule| schedule.to_string_lossy().into_owned());
    let level = match &args.level {
        Some(name) => Some(levels::find(&levels, name)?),
        None => schedule
            .as_deref()
            .and_then(|it| levels::of_schedule(&levels, it)),
    };
    let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal() && !is_dumb;
    if args.list || (level.is_none() && args.script.is_none() && !is_terminal) {
        let written = io::stdout().write_all(levels::list(&levels).as_bytes());
        written.map_err(|error| format!("standard output: {error}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    if level.is_none() && args.script.is_some() {
        return Err("a script needs a level: be-the-scheduler LEVEL --script FILE".to_owned());
    }
    let mut session = Session::new(levels, level.unwrap_or(0));
    if level.is_none() {
        session.act(Action::Levels)?;
    }
    if let Some(schedule) = schedule {
        session.replay(&schedule)?;
    }
    if let Some(path) = &args.script {
        let text = script::read(path)?;
        let won = script::play(&mut session, &text, args.quiet, &mut io::stdout())?;
        return Ok(ExitCode::from(u8::from(!won)));
    }
    if !is_terminal {
        return Err(
            "this is played in a terminal; without one, give the moves by --script FILE, \
             or by --script - and a pipe"
                .to_owned(),
        );
    }
    terminal::play(&mut session).map_err(|error| format!("the terminal: {error}"))?;
    Ok(ExitCode::SUCCESS)
}
