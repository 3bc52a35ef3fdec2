//! What is on the screen fits, and is as in the README.

use crate::player::{levels, play, winning_script};

/// Whatever can be seen of a level.
fn tour(level: &str) -> Vec<String> {
    let win = winning_script(level);
    let script = format!(
        "source\nreport\nhelp\nshow\nhint\nhint\nhint\nhint\nend\nreport\nsource\nrestart\n\
         {win}report\nsource\nshow\n"
    );
    play(level, &script).screens()
}

#[test]
fn every_screen_has_24_lines_of_at_most_80_places() {
    for level in levels() {
        for screen in tour(&level) {
            assert_eq!(screen.lines().count(), 24, "{level}:\n{screen}");
            // Every sign here is one place wide.
            let widest = screen.lines().map(|line| line.chars().count()).max();
            assert!(
                widest.is_some_and(|widest| widest <= 80),
                "{level}:\n{screen}"
            );
        }
    }
}

#[test]
fn every_screen_has_a_title_above_and_keys_below() {
    for level in levels() {
        for screen in tour(&level) {
            let first = screen.lines().next().unwrap_or_default();
            let last = screen.lines().last().unwrap_or_default();
            assert!(first.len() > 10, "{level}:\n{screen}");
            assert!(last.contains("q quit"), "{level}:\n{screen}");
        }
    }
}

#[test]
fn all_who_can_run_are_shown_with_their_keys() {
    for level in levels() {
        let screen = play(&level, "").last_screen();
        let (_, below) = screen
            .split_once("Who runs next?")
            .expect("somebody is asked");
        let ready = below.lines().filter(|line| line.contains('▶')).count();
        assert!(ready >= 2, "{level}:\n{screen}");
        for line in below.lines().filter(|line| line.contains('▶')) {
            let key = line.trim_start().chars().next().expect("there is a key");
            let number = line.split_once('#').expect("a coro has a number").1;
            assert!(number.starts_with(key), "{level}: {line}");
        }
    }
}

#[test]
fn the_source_shows_where_the_coros_stand() {
    let screen = play("dining", "run 1\nrun 2\nsource\n").last_screen();
    assert!(
        screen.contains("╰ #2 hume is blocked here on mutex"),
        "{screen}"
    );
    assert!(screen.contains("╰ #1 kant is ready here"), "{screen}");
}

#[test]
fn the_screen_of_the_readme_is_what_is_seen() {
    let readme = include_str!("../../README.md");
    let shown = readme.split("```text\n").find_map(|part| {
        let (text, _) = part.split_once("```")?;
        text.contains("Who runs next?").then_some(text)
    });
    let screen = play("dining", "run 1\nrun 2\nrun 3\nrun 1\n").last_screen();
    assert_eq!(
        shown,
        Some(screen.as_str()),
        "write this into the README:\n{screen}"
    );
}
