//! The schedule that a won game prints leads there again: in the game, and for the explorer.

use std::env;
use std::process::Command;

use crate::player::{game, levels, page, play, run, winning_script};

/// The schedule in a conclusion.
fn schedule(conclusion: &str) -> &str {
    let (_, schedule) = conclusion
        .split_once("CORO_SCHEDULE=")
        .expect("it is printed");
    schedule
}

#[test]
fn the_game_goes_where_a_schedule_leads() {
    for level in levels() {
        let won = play(&level, &winning_script(&level));
        let mut again = game(&[&level, "--script", "-"]);
        again.env("CORO_SCHEDULE", schedule(won.conclusion()));
        let again = run(again, "");
        assert_eq!((again.code, again.error.as_str()), (0, ""), "{level}");
        assert_eq!(again.conclusion(), won.conclusion(), "{level}");
    }
}

#[test]
fn the_schedule_is_whole_on_the_screen() {
    for level in levels() {
        let won = play(&level, &winning_script(&level));
        let screen: String = won.last_screen().split_whitespace().collect();
        let said = format!(
            "thisleadsthereagain:CORO_SCHEDULE={}",
            schedule(won.conclusion())
        );
        assert!(screen.contains(&said), "{level}: {}", won.text);
    }
}

/// Explores the level that is named in the environment, by the schedule that is there too.
#[test]
#[ignore = "a part of `the_explorer_goes_where_a_schedule_leads`"]
fn explores() {
    let level = env::var("LEVEL").expect("it is given");
    let page = page(&level);
    let failure = (page.explorer)().name(page.name).run(page.wrong);
    let failure = failure.expect_err("it is wrong");
    println!("explored {} as {}", failure.verdict(), failure.schedule());
}

#[test]
fn the_explorer_goes_where_a_schedule_leads() {
    for level in levels() {
        // Not the way that the explorer finds by itself: the second half is production's.
        let mut detour = winning_script(&level);
        detour += "undo\nend\n";
        let played = play(&level, &detour);
        let won = match played.code {
            0 => played,
            _ => play(&level, &winning_script(&level)),
        };
        let test = env::current_exe().expect("this is one");
        let explored = Command::new(test)
            .args([
                "--exact",
                "replay::explores",
                "--include-ignored",
                "--nocapture",
            ])
            .env("LEVEL", &level)
            .env("CORO_SCHEDULE", schedule(won.conclusion()))
            .output()
            .expect("it can be run");
        let text = String::from_utf8_lossy(&explored.stdout);
        let verdict = page(&level).verdict;
        let said = format!("explored {verdict} as {}\n", schedule(won.conclusion()));
        assert!(text.contains(&said), "{level}: {said}{text}");
    }
}

#[test]
fn what_is_no_schedule_of_this_program_is_refused() {
    for (wrong, said) in [
        ("v1:dining:zzz", "is no schedule"),
        ("v1:dining:4+9@0000.@0000", "does not fail"),
        ("v1:dining:@0000", "does not fail"),
    ] {
        let mut command = game(&["dining", "--script", "-"]);
        command.env("CORO_SCHEDULE", wrong);
        let played = run(command, "");
        assert_eq!(played.code, 2, "{wrong}: {}", played.text);
        assert!(played.error.contains(said), "{wrong}: {}", played.error);
    }
    // One of another level is none of ours.
    let mut command = game(&["dining", "--script", "-"]);
    command.env("CORO_SCHEDULE", "v1:locks:zzz");
    assert_eq!(run(command, "").code, 1);
}
