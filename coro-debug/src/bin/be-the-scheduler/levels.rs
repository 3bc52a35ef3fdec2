//! The levels: the pages of the guide whose wrong program leaves something to choose.

use std::fmt::Write as _;

use coro_guide::Page;

use crate::game::Game;

/// Returns the levels, in the order of the guide.
pub(crate) fn levels() -> Vec<&'static Page> {
    coro_guide::pages()
        .iter()
        .filter(|page| Game::new(page).has_choice())
        .collect()
}

/// Returns the levels as lines.
pub(crate) fn list(levels: &[&Page]) -> String {
    let widest = levels.iter().map(|page| page.name.len()).max();
    let widest = widest.unwrap_or(0);
    let mut text = String::new();
    for (at, page) in levels.iter().enumerate() {
        let (name, title) = (page.name, page.title);
        _ = writeln!(text, "{:>2}  {name:<widest$}  {title}", at + 1);
    }
    text
}

/// Returns which level is meant: by its number, its name, or how only its name begins.
pub(crate) fn find(levels: &[&Page], wanted: &str) -> Result<usize, String> {
    let name = wanted.to_lowercase().replace(['-', ' '], "_");
    if let Ok(number) = name.parse::<usize>()
        && (1..=levels.len()).contains(&number)
    {
        return Ok(number - 1);
    }
    if let Some(at) = levels.iter().position(|page| page.name == name) {
        return Ok(at);
    }
    let begins = |page: &&Page| page.name.starts_with(&name);
    let mut found = (0..levels.len()).filter(|at| begins(&levels[*at]));
    match (found.next(), found.next()) {
        (Some(at), None) => return Ok(at),
        (Some(at), Some(other)) => {
            let (one, two) = (levels[at].name, levels[other].name);
            return Err(format!("is {wanted:?} {one} or {two}?"));
        }
        (None, _) => {}
    }
    let nearest = levels
        .iter()
        .min_by_key(|page| distance(&name, page.name))
        .map_or("", |page| page.name);
    let list = list(levels);
    Err(format!(
        "no level is called {wanted:?}; is it {nearest}? These are the levels:\n{list}"
    ))
}

/// Returns the level of a schedule, if it is of one.
pub(crate) fn of_schedule(levels: &[&Page], schedule: &str) -> Option<usize> {
    let name = schedule.split(':').nth(1)?;
    levels.iter().position(|page| page.name == name)
}

/// Returns how many letters must be added, left out or replaced to make `a` of a part of `b`, or all
/// of it.
fn distance(a: &str, b: &str) -> (usize, usize) {
    let (a, b): (Vec<_>, Vec<_>) = (a.chars().collect(), b.chars().collect());
    let edits = |anywhere: bool| {
        let first = |at: usize| if anywhere { 0 } else { at };
        let mut row: Vec<_> = (0..=b.len()).map(first).collect();
        for (i, from) in a.iter().enumerate() {
            let mut before = row[0];
            row[0] = i + 1;
            for (j, to) in b.iter().enumerate() {
                let kept = before + usize::from(from != to);
                before = row[j + 1];
                row[j + 1] = kept.min(before + 1).min(row[j] + 1);
            }
        }
        match anywhere {
            true => row.into_iter().min().unwrap_or(0),
            false => row[b.len()],
        }
    };
    (edits(true), edits(false))
}
