//! A real terminal: keys go in, a screen of 80×24 comes out, and all is as before in the end.

use std::io::{Read, Write};
use std::num::NonZero;
use std::process::Command;

use portable_pty::{CommandBuilder, ExitStatus, PtySize, native_pty_system};

use crate::player::{play, winning_script};

const LEAVES: &[u8] = b"\x1b[?1049l";

/// What a terminal has seen.
struct Seen {
    /// The last screen before the game has left.
    screen: String,
    /// What was there when it had left.
    after: vt100::Parser,
    code: u32,
    /// What has ended it, if that was a signal.
    signal: Option<String>,
}

/// Plays by these keys, the last of which ends it.
fn press(arguments: &[&str], keys: &str, size: (u16, u16)) -> Seen {
    let command = command(arguments);
    play_until(command, size, |_, writer| {
        writer.write_all(keys.as_bytes()).expect("somebody reads");
        writer.flush().expect("somebody reads");
    })
}

/// The game, in a usual terminal.
fn command(arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_be-the-scheduler"));
    command.args(arguments);
    command.env("TERM", "xterm-256color");
    command.env_remove("CORO_SCHEDULE");
    command
}

/// Runs it, and when it draws does what ends it, with the number of its process and its keyboard;
/// returns what the terminal gets.
fn run_until(
    command: CommandBuilder,
    (rows, columns): (u16, u16),
    end: impl FnOnce(u32, &mut dyn Write),
) -> (Vec<u8>, ExitStatus) {
    let pty = native_pty_system();
    let size = PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    };
    let pair = pty.openpty(size).expect("there is a terminal");
    let mut child = pair
        .slave
        .spawn_command(command)
        .expect("it can be started");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("it can be read");
    let mut writer = pair.master.take_writer().expect("it can be written to");
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    let mut end = Some(end);
    let process = child.process_id().expect("it runs");
    // On Linux, the end is an error.
    while let Ok(count @ 1..) = reader.read(&mut part) {
        bytes.extend_from_slice(&part[..count]);
        // Only when it draws is the terminal its own, so that a ctrl-c is a key.
        if let Some(end) = end.take_if(|_| bytes.len() > 100) {
            end(process, &mut writer);
        }
    }
    (bytes, child.wait().expect("it ends"))
}

/// Plays until something ends it.
fn play_until(
    command: CommandBuilder,
    (rows, columns): (u16, u16),
    end: impl FnOnce(u32, &mut dyn Write),
) -> Seen {
    let (bytes, status) = run_until(command, (rows, columns), end);
    let left = bytes
        .windows(LEAVES.len())
        .rposition(|bytes| bytes == LEAVES);
    let left = left.expect("it leaves the screen as it was");
    let terminal = || {
        let size = |length| NonZero::new(length).expect("there is some of it");
        vt100::Parser::new(size(rows), size(columns), 0)
    };
    let mut during = terminal();
    during.process(&bytes[..left]);
    assert!(
        during.screen().alternate_screen(),
        "it has a screen of its own"
    );
    let lines = during.screen().rows(0, columns);
    let screen = lines
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect();
    let mut after = terminal();
    after.process(&bytes);
    Seen {
        screen,
        after,
        code: status.exit_code(),
        signal: status.signal().map(str::to_owned),
    }
}

const USUAL: (u16, u16) = (24, 80);

/// The key, when others follow at once: one escape would begin a key of several bytes.
const ESCAPE: &str = "\x1b\x1b";

#[test]
fn the_screen_is_that_of_the_script() {
    let seen = press(&["dining"], "121q", USUAL);
    let script = play("dining", "run 1\nrun 2\nrun 1\n");
    assert_eq!(seen.screen, script.last_screen());
    assert_eq!(seen.code, 0);
}

#[test]
fn keys_do_what_their_script_lines_do() {
    for (keys, script) in [
        ("\r\rq", "enter\nenter\n"),
        ("eq", "end\n"),
        ("1uq", "run 1\nundo\n"),
        ("12rq", "run 1\nrun 2\nrestart\n"),
        ("hhq", "hint\nhint\n"),
        ("1sq", "run 1\nsource\n"),
        ("1vq", "run 1\nreport\n"),
        ("?q", "help\n"),
        ("ssq", "source\nshow\n"),
        ("s\x1b[B\x1b[Asq", "source\nshow\n"),
        ("pq", "previous\n"),
    ] {
        let seen = press(&["dining"], keys, USUAL);
        let screen = play("dining", script).last_screen();
        assert_eq!(seen.screen, screen, "{keys:?}");
    }
}

#[test]
fn a_move_of_two_keys_asks_for_the_second() {
    let seen = press(&["if_or_while"], "1wq", USUAL);
    assert!(
        seen.screen
            .contains("w and then … 0: wake #0 for nothing, 1: wake #1 for nothing"),
        "{}",
        seen.screen
    );
    let seen = press(&["if_or_while"], "1w1q", USUAL);
    let script = play("if_or_while", "run 1\nwake 1\n");
    assert_eq!(seen.screen, script.last_screen());
}

#[test]
fn a_key_that_does_nothing_says_so() {
    let seen = press(&["dining"], "zq", USUAL);
    assert!(
        seen.screen.contains("z does nothing here"),
        "{}",
        seen.screen
    );
    let seen = press(&["dining"], "uq", USUAL);
    assert!(seen.screen.contains("nothing to undo"), "{}", seen.screen);
}

#[test]
fn escape_goes_back_and_from_the_game_to_the_levels() {
    let list = press(&[], "q", USUAL).screen;
    assert!(list.contains("▶  1"), "{list}");
    assert!(
        list.contains("21   switching"),
        "all are to be seen: {list}"
    );
    assert_eq!(press(&[], &format!("?{ESCAPE}q"), USUAL).screen, list);
    assert_eq!(press(&["1"], &format!("{ESCAPE}q"), USUAL).screen, list);
    let refused = press(&[], "zq", USUAL).screen;
    assert!(
        refused.contains("z does nothing here; ? is help"),
        "{refused}"
    );
    assert!(press(&[], "?q", USUAL).screen.contains("How to play"));
    let game = play("1", "source\nshow\n").last_screen();
    assert_eq!(press(&["1"], &format!("s{ESCAPE}q"), USUAL).screen, game);
    assert_eq!(
        press(&["1"], &format!("{ESCAPE}?{ESCAPE}q"), USUAL).screen,
        list
    );
}

#[test]
fn the_list_of_levels_is_walked_by_arrows() {
    let seen = press(&[], "\x1b[B\x1b[B\x1b[A\rq", USUAL);
    let second = play("2", "").last_screen();
    assert_eq!(seen.screen, second);
    let seen = press(&["dining"], &(winning_keys() + "lq"), USUAL);
    let line = seen.screen.lines().find(|line| line.contains(" dining "));
    assert!(
        line.is_some_and(|line| line.contains('✓')),
        "{}",
        seen.screen
    );
}

/// The keys that win the dining philosophers.
fn winning_keys() -> String {
    let script = winning_script("dining");
    script
        .lines()
        .filter_map(|line| line.strip_prefix("run "))
        .collect()
}

#[test]
fn it_can_be_won_by_keys() {
    let seen = press(&["dining"], &(winning_keys() + "q"), USUAL);
    assert!(seen.screen.contains("You have won"), "{}", seen.screen);
    assert!(
        seen.screen.contains("CORO_SCHEDULE=v1:dining:"),
        "{}",
        seen.screen
    );
}

#[test]
fn q_and_ctrl_c_leave_the_terminal_as_it_was() {
    for end in ["q", "\x03"] {
        let seen = press(&["dining"], &format!("1{end}"), USUAL);
        assert_eq!(seen.code, 0, "{end:?}");
        let screen = seen.after.screen();
        assert!(
            !screen.alternate_screen() && !screen.hide_cursor(),
            "{end:?}"
        );
        assert_eq!(screen.contents().trim(), "", "{end:?}");
    }
}

#[test]
fn who_ends_it_from_outside_has_the_terminal_as_it_was() {
    for (signal, name) in [
        ("HUP", "Hangup"),
        ("INT", "Interrupt"),
        ("TERM", "Terminated"),
    ] {
        let seen = play_until(command(&["dining"]), USUAL, |process, _| {
            let sent = Command::new("kill")
                .args(["-s", signal, &process.to_string()])
                .status();
            assert!(sent.expect("it can be run").success());
        });
        assert_eq!(seen.signal.as_deref(), Some(name));
        let screen = seen.after.screen();
        assert!(
            !screen.alternate_screen() && !screen.hide_cursor(),
            "{signal}"
        );
        assert_eq!(screen.contents().trim(), "", "{signal}");
    }
}

#[test]
fn a_schedule_says_of_which_level_it_is() {
    let won = play("lost_update", &winning_script("lost_update"));
    let (_, schedule) = won
        .conclusion()
        .split_once("CORO_SCHEDULE=")
        .expect("it is printed");
    let mut command = command(&[]);
    command.env("CORO_SCHEDULE", schedule);
    let seen = play_until(command, USUAL, |_, writer| {
        writer.write_all(b"q").expect("somebody reads");
    });
    assert!(seen.screen.contains("A lost update"), "{}", seen.screen);
    assert!(seen.screen.contains("You have won"), "{}", seen.screen);
}

#[test]
fn a_dumb_terminal_is_none() {
    for (arguments, said) in [(&[][..], "11  dining "), (&["dining"], "--script")] {
        let mut command = command(arguments);
        command.env("TERM", "dumb");
        // It has ended, or else this ends it.
        let (bytes, _) = run_until(command, USUAL, |_, keys| _ = keys.write_all(b"q"));
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains(said), "{text}");
        assert!(!text.contains('\x1b'), "{text}");
    }
}

#[test]
fn a_larger_terminal_is_filled_and_a_smaller_one_is_refused() {
    let seen = press(&["dining"], "1q", (40, 132));
    let lines: Vec<_> = seen.screen.lines().collect();
    assert_eq!(lines.len(), 40);
    assert!(lines[39].contains("q quit"), "{}", seen.screen);
    assert!(
        lines[2].starts_with('─') || lines[3].starts_with('─'),
        "{}",
        seen.screen
    );
    let seen = press(&["dining"], "q", (20, 80));
    assert!(
        seen.screen.contains("80×24 are needed, and here are 80×20"),
        "{}",
        seen.screen
    );
}
