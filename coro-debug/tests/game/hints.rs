//! Hints lead to a failure.

use crate::player::{levels, page, play};

/// Turns what a hint says into a line of a script.
fn asked(screen: &str) -> Option<String> {
    let text: Vec<_> = screen.lines().map(str::trim).collect();
    let text = text.join(" ");
    let (_, said) = text.rsplit_once("Hint: ")?;
    let (said, _) = said.split_once(" (key ")?;
    let coro = said.split_once('#').map(|(_, rest)| {
        let digits = rest.find(|c: char| !c.is_ascii_digit());
        &rest[..digits.unwrap_or(rest.len())]
    });
    Some(match (said.split(' ').next()?, coro) {
        ("let", _) => "timer".to_owned(),
        ("cancel", Some(coro)) if said.ends_with("comes") => format!("safe_cancel {coro}"),
        ("time", Some(coro)) => format!("timeout {coro}"),
        (verb, Some(coro)) => format!("{verb} {coro}"),
        (_, None) => said.to_owned(),
    })
}

#[test]
fn who_follows_the_hints_wins_every_level() {
    for level in levels() {
        let written = page(&level).hints.len();
        let mut script = "hint\n".repeat(written);
        let given = play(&level, &script);
        for (at, screen) in given.screens()[1..].iter().enumerate() {
            let said = format!("Hint {} of {written}: ", at + 1);
            assert!(screen.contains(&said), "{level}: {screen}");
        }
        for _ in 0..60 {
            script += "hint\n";
            let played = play(&level, &script);
            if played.last_screen().contains("you have won") {
                break;
            }
            let screen = played.last_screen();
            let next = asked(&screen);
            let next = next.unwrap_or_else(|| panic!("{level}: no move in\n{screen}"));
            script += &format!("{next}\n");
        }
        let played = play(&level, &script);
        assert_eq!(played.code, 0, "{level}: {}", played.last_screen());
    }
}

#[test]
fn no_hint_is_longer_than_its_place() {
    for level in levels() {
        let hints = page(&level).hints;
        let given = play(&level, &"hint\n".repeat(hints.len()));
        for (screen, hint) in given.screens()[1..].iter().zip(hints) {
            let words: Vec<_> = screen.split_whitespace().collect();
            let hint: Vec<_> = hint.split_whitespace().collect();
            let is_whole = words.windows(hint.len()).any(|words| words == hint);
            assert!(is_whole, "{level}: {screen}");
        }
    }
}

#[test]
fn who_has_gone_too_far_is_told_how_far_back_to_go() {
    let written = page("dining").hints.len();
    let hints = "hint\n".repeat(written + 1);
    // When Kant has eaten twice, the two others cannot close a circle.
    let too_far = "run 1\nrun 1\nrun 1\nrun 1\nrun 1\n";
    let screen = play("dining", &format!("{too_far}{hints}")).last_screen();
    assert!(screen.contains("nothing can fail any more"), "{screen}");
    let (_, said) = screen.split_once("Undo ").expect("it says how far");
    let times = match said.split(' ').next().expect("a number") {
        "once" => 1,
        number => number.parse().expect("a number"),
    };
    let back = |times| {
        let undo = "undo\n".repeat(times);
        play("dining", &format!("{too_far}{hints}{undo}hint\n")).last_screen()
    };
    assert!(
        back(times).contains("leads to a failure"),
        "{}",
        back(times)
    );
    assert!(back(times - 1).contains("Undo once"), "{}", back(times - 1));
}
