//! `tests/HISTORY-BUGS.md` names a test, or a reason, for each of the bugs; and each test is named.

use crate::support::sources;

const TABLE: &str = include_str!("../../HISTORY-BUGS.md");
const BUGS: usize = 81;

/// Returns what is wrong between a table and the sources, which are pairs of path and text.
fn faults(table: &str, sources: &[(String, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut numbers = Vec::new();
    let mut named = Vec::new();
    for line in table.lines() {
        let columns: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, number, invariant, tests, _] = columns[..] else {
            continue;
        };
        let Ok(number) = number.parse::<usize>() else {
            continue;
        };
        numbers.push(number);
        if invariant.is_empty() {
            faults.push(format!("{number} says no invariant"));
        }
        let paths: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        let reason = tests
            .split_once("does not apply: ")
            .or(tests.split_once("owed by "));
        if paths.is_empty() && reason.is_none_or(|(_, reason)| reason.is_empty()) {
            faults.push(format!("{number} has neither a test nor a reason"));
        }
        for path in paths {
            let (module, name) = path.rsplit_once("::").unwrap_or(("", path));
            let file = format!("{}.rs", module.replace("::", "/"));
            let found = sources
                .iter()
                .find(|(path, _)| *path == file)
                .is_some_and(|(_, text)| tests_of(text).any(|test| test == name));
            if !found {
                faults.push(format!("{number} names a test that is not there: {path}"));
            }
            if let Some(rest) = name.strip_prefix("bug_")
                && !rest.starts_with(&format!("{number:02}_"))
            {
                faults.push(format!("{number} names the test of another: {path}"));
            }
            named.push(path);
        }
    }
    if numbers != Vec::from_iter(1..=BUGS) {
        faults.push(format!("the numbers are not 1 to {BUGS}: {numbers:?}"));
    }
    for (path, text) in sources {
        let module = path.trim_end_matches(".rs").replace('/', "::");
        for test in tests_of(text).filter(|test| test.starts_with("bug_")) {
            let path = format!("{module}::{test}");
            if !named.contains(&path.as_str()) {
                faults.push(format!("the table does not name {path}"));
            }
        }
    }
    faults
}

/// Returns the names of the test functions in a source.
fn tests_of(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n#[test]\n").skip(1).filter_map(|after| {
        let (_, function) = after.split_once("fn ")?;
        Some(function.split_once('(')?.0)
    })
}

#[test]
fn the_table_and_the_tests_agree() {
    let faults = faults(TABLE, &sources());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_disagreement_is_found() {
    let source = |name: &str| format!("//! X.\n\n#[test]\nfn {name}() {{}}\n");
    let sources = [("h/a.rs".to_owned(), source("bug_01_is_gone"))];
    let row = |number: usize, tests: &str| format!("| {number} | It holds. | {tests} |\n");
    let all_but_first: String = (2..=BUGS)
        .map(|n| row(n, "does not apply: there is no such thing"))
        .collect();
    let right = row(1, "`h::a::bug_01_is_gone`") + &all_but_first;
    assert_eq!(faults(&right, &sources), [""; 0]);
    let finds = |table: &str, what: &str| {
        let found = faults(table, &sources);
        assert!(
            found.iter().any(|f| f.contains(what)),
            "{found:?} lacks {what:?}"
        );
    };
    finds(&all_but_first, "the numbers are not");
    finds(
        &all_but_first,
        "the table does not name h::a::bug_01_is_gone",
    );
    finds(
        &right.replace("is_gone", "is_here"),
        "a test that is not there",
    );
    finds(
        &right.replace("h::a::", "h::b::"),
        "a test that is not there",
    );
    finds(
        &right.replace("| 7 | It holds.", "| 7 | "),
        "7 says no invariant",
    );
    finds(
        &right.replace(": there is no such thing", ""),
        "neither a test nor a reason",
    );
    let moved = all_but_first.replacen("does not apply: there", "`h::a::bug_01_is_gone`", 1);
    finds(
        &(row(1, "owed by coro-x") + &moved),
        "2 names the test of another",
    );
}
