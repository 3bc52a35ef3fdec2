//! The text: a column a coro, or a list of them; of a long trace its ends.

use coro::{Builder, JoinHandle, cede, note};
use coro_debug::trace::{Trace, record};
use unicode_width::UnicodeWidthStr;

use super::listener::fresh;
use super::programs;

fn text_of(program: &str) -> String {
    let program = programs::ALL
        .iter()
        .find(|(name, _)| *name == program)
        .unwrap()
        .1;
    fresh(move || record(program).1.to_string())
}

/// The trace of so many coros, with main, that cede once.
fn crowd(coros: usize) -> Trace {
    fresh(move || {
        let ((), trace) = record(|| {
            let all: Vec<_> = (1..coros)
                .map(|n| Builder::new().desc(format!("n{n}")).spawn(cede))
                .collect();
            all.into_iter()
                .for_each(|c: JoinHandle<()>| c.join().unwrap());
        });
        trace
    })
}

fn head(text: &str) -> &str {
    text.lines().nth(1).unwrap()
}

fn rows(text: &str) -> impl Iterator<Item = &str> {
    text.lines().skip(3).filter(|line| line.starts_with('│'))
}

#[test]
fn what_a_small_program_does_is_told_in_its_words() {
    let text = text_of("semaphore");
    let lines = [
        "spawns #1",
        "spawns #2",
        "spawns #3",
        "■ join (programs.rs:",
        "“a”",
        "cede (programs.rs:",
        "■ semaphore (programs.rs:",
        "■ semaphore (programs.rs:",
        "readies #2",
        "returns",
        "readies main",
    ];
    let mut rest = &text[..];
    for line in lines {
        let at = rest
            .find(line)
            .unwrap_or_else(|| panic!("{line} in its turn\n{text}"));
        rest = &rest[at + line.len()..];
    }
    assert!(text_of("throws").contains("throws into #1"));
    assert!(text_of("cancel of a blocked one").contains("cancels #1"));
    assert!(text_of("cancel before the first run").contains("#1 ends: cancelled"));
    assert!(text_of("sleeps").contains("is readied"));
    assert!(text_of("thrown at from outside").contains("is thrown into"));
    assert!(text_of("cancelled from outside").contains("is cancelled"));
}

#[test]
fn up_to_ten_coros_have_a_column_each_and_more_are_named_in_the_rows() {
    for coros in [1, 2, 9, 10] {
        let text = crowd(coros).to_string();
        let names: Vec<_> = head(&text).split_whitespace().collect();
        assert_eq!(&names[..3], ["│", "time", "main"], "{text}");
        for n in 1..coros {
            assert!(head(&text).contains(&format!("#{n} n{n} ")), "{text}");
        }
    }
    for coros in [11, 12, 100] {
        let text = format!("{:#}", crowd(coros));
        let names: Vec<_> = head(&text).split_whitespace().collect();
        assert_eq!(names, ["│", "time", "who", "does", "│"], "{text}");
        for n in 1..coros {
            let named = rows(&text).filter(|row| row.contains(&format!(" #{n} n{n} ")));
            assert_eq!(named.count(), 2, "it cedes, and it ends:\n{text}");
        }
    }
}

#[test]
fn all_lines_are_as_wide_as_the_head() {
    for coros in [1, 2, 10, 11, 100] {
        for text in [crowd(coros).to_string(), format!("{:#}", crowd(coros))] {
            let widths: Vec<_> = text.lines().map(UnicodeWidthStr::width).collect();
            assert!(widths.iter().all(|width| *width == widths[0]), "{text}");
        }
    }
}

#[test]
fn of_a_long_trace_the_first_and_the_last_rows_are_shown_and_how_many_are_not() {
    let trace = fresh(|| {
        let ((), trace) = record(|| {
            let turns = || {
                (0..300).for_each(|n| {
                    note(n);
                    cede();
                })
            };
            let all = [(); 2].map(|()| coro::spawn(turns));
            all.into_iter().for_each(|c| c.join().unwrap());
        });
        trace
    });
    let (short, long) = (trace.to_string(), format!("{trace:#}"));
    let count = |text: &str, words: &str| rows(text).filter(|row| row.contains(words)).count();
    assert_eq!(count(&long, "cede"), 600);
    let is_first = |row: &&str| {
        row.split_whitespace()
            .nth(1)
            .is_some_and(|step| step.parse::<u32>().is_ok())
    };
    let begins = |text: &str| rows(text).filter(is_first).count();
    let all = begins(&long);
    assert_eq!(begins(&short), 200, "{short}");
    assert!(short.contains(&format!("… {} …", all - 200)), "{short}");
    assert!(short.contains("“0”") && short.contains("“299”") && !short.contains("“150”"));
    assert!(!long.contains("… "));
}

#[test]
fn two_hundred_rows_are_not_cut() {
    let text = |notes: usize| {
        fresh(move || {
            let ((), trace) = record(|| {
                let other = coro::spawn(move || (0..notes).for_each(|_| cede()));
                (0..notes).for_each(|_| cede());
                other.join().unwrap();
            });
            trace.to_string()
        })
    };
    assert!(!text(99).contains('…'));
    assert!(text(100).contains("… 2 …"), "{}", text(100));
}

#[test]
fn a_trace_of_nothing_is_a_head() {
    let text = fresh(|| record(|| ()).1.to_string());
    assert_eq!(
        (head(&text).split_whitespace().nth(2), rows(&text).count()),
        (Some("main"), 0),
        "{text}"
    );
}
