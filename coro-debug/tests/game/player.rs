//! Runs the game as a player would.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use coro_explore::Move;
use coro_guide::Page;

/// What a game has printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) text: String,
    pub(crate) error: String,
    pub(crate) code: i32,
}

impl Played {
    /// The screens, one after the other, without what was asked for between them.
    pub(crate) fn screens(&self) -> Vec<String> {
        let lines: Vec<_> = self.text.lines().collect();
        let mut screens: Vec<_> = lines
            .split(|line| line.starts_with("> "))
            .map(|lines| lines.join("\n") + "\n")
            .collect();
        // Behind the last one is what came of it.
        if let Some(last) = screens.last_mut()
            && let Some((screen, _)) = last.trim_end().rsplit_once('\n')
        {
            *last = format!("{screen}\n");
        }
        screens
    }

    pub(crate) fn last_screen(&self) -> String {
        self.screens().pop().expect("there is one")
    }

    /// What came of it: the last line.
    pub(crate) fn conclusion(&self) -> &str {
        self.text.lines().last().unwrap_or_default()
    }
}

/// The game, with no schedule in its environment.
pub(crate) fn game(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_be-the-scheduler"));
    command.args(arguments).env_remove("CORO_SCHEDULE");
    command
}

/// Runs it with this on its standard input.
pub(crate) fn run(mut command: Command, input: &str) -> Played {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the game can be started");
    let mut stdin = child.stdin.take().expect("it is piped");
    // It may have ended without having read it.
    _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("it ends");
    Played {
        text: String::from_utf8(stdout).expect("it is text"),
        error: String::from_utf8(stderr).expect("it is text"),
        code: status.code().expect("it exits"),
    }
}

/// Plays a level by a script; nothing of it may be wrong.
pub(crate) fn play(level: &str, script: &str) -> Played {
    let played = run(game(&[level, "--script", "-"]), script);
    assert_eq!(played.error, "");
    assert!(played.code < 2, "{}", played.text);
    played
}

/// The levels: names of pages.
pub(crate) fn levels() -> Vec<String> {
    let listed = run(game(&["--list"]), "");
    let name = |line: &str| line.split_whitespace().nth(1).map(str::to_owned);
    listed.text.lines().filter_map(name).collect()
}

pub(crate) fn page(level: &str) -> &'static Page {
    coro_guide::page(level).expect("a level is a page")
}

/// A line of a script that makes this move.
pub(crate) fn line(made: Move) -> String {
    match made {
        Move::Run(coro) => format!("run {coro}\n"),
        Move::Wake(coro) => format!("wake {coro}\n"),
        Move::Pick(which) => format!("pick {which}\n"),
        Move::Timer => "timer\n".to_owned(),
        Move::Throw(coro) => format!("throw {coro}\n"),
        Move::Cancel(coro) => format!("cancel {coro}\n"),
        Move::SafeCancel(coro) => format!("safe_cancel {coro}\n"),
        Move::Timeout(coro) => format!("timeout {coro}\n"),
        other => panic!("no script says {other:?}"),
    }
}

/// The moves of the failure that the explorer finds; of those that leave no choice, none.
pub(crate) fn failing_moves(level: &str) -> Vec<Move> {
    let page = page(level);
    let explorer = (page.explorer)();
    let failure = explorer.run(page.wrong).expect_err("it is wrong");
    let all = explorer
        .moves(failure.schedule(), page.wrong)
        .expect("it is a schedule");
    let is_choice = |at: &usize| explorer.play(&all[..*at], page.wrong).moves().len() > 1;
    (0..all.len()).filter(is_choice).map(|at| all[at]).collect()
}

/// A script that wins.
pub(crate) fn winning_script(level: &str) -> String {
    failing_moves(level).into_iter().map(line).collect()
}
