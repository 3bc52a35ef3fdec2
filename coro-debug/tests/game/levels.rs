//! The levels: there are enough, each can be won, and each has a choice.

use crate::player::{game, levels, page, play, run, winning_script};

#[test]
fn there_are_at_least_twelve_levels_and_each_is_a_page() {
    let levels = levels();
    assert!(levels.len() >= 12, "{levels:?}");
    let names = coro_guide::pages().iter().map(|page| page.name);
    let pages: Vec<_> = names
        .filter(|name| levels.iter().any(|level| level == name))
        .collect();
    assert_eq!(levels, pages, "in the order of the guide");
}

#[test]
fn only_pages_whose_wrong_program_leaves_no_choice_are_no_levels() {
    let levels = levels();
    for page in coro_guide::pages() {
        let explorer = (page.explorer)();
        let mut moves = Vec::new();
        let has_choice = loop {
            match *explorer.play(&moves, page.wrong).moves() {
                [] => break false,
                [only] => moves.push(only),
                _ => break true,
            }
        };
        let is_level = levels.iter().any(|level| level == page.name);
        assert_eq!(is_level, has_choice, "{}", page.name);
    }
}

#[test]
fn every_level_can_be_won_by_what_the_explorer_finds() {
    for level in levels() {
        let won = play(&level, &winning_script(&level));
        let verdict = page(&level).verdict;
        let begin = format!("won: {verdict} in ");
        assert!(
            won.conclusion().starts_with(&begin),
            "{level}: {}",
            won.text
        );
        assert_eq!(won.code, 0, "{level}");
        assert!(
            won.last_screen().contains("You have won"),
            "{level}: {}",
            won.text
        );
    }
}

#[test]
fn a_level_is_found_by_its_name_its_number_and_how_only_its_name_begins() {
    let title = |level: &str| {
        let first = play(level, "").screens().remove(0);
        first.lines().next().map(str::to_owned)
    };
    let dining = title("dining").expect("there is a title");
    assert!(dining.contains("Dining philosophers"), "{dining}");
    let number = levels().iter().position(|level| level == "dining");
    let number = (number.expect("it is a level") + 1).to_string();
    for other in [&number, "Dining", "din"] {
        assert_eq!(title(other).as_ref(), Some(&dining), "{other}");
    }
    let spaced = title("lost-update");
    assert_eq!(spaced, title("lost_update"));
    assert_eq!(spaced, title("lost update"));
}

#[test]
fn who_misspells_a_level_is_told_the_nearest_and_all() {
    let played = run(game(&["dinning"]), "");
    assert_eq!(played.code, 2);
    assert!(played.error.contains("is it dining?"), "{}", played.error);
    for level in levels() {
        assert!(played.error.contains(&level), "{level}: {}", played.error);
    }
    let b = run(game(&["b", "--script", "-"]), "");
    assert_eq!(b.code, 2);
    assert!(b.error.contains(" or "), "{}", b.error);
}
