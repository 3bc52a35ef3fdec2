//! `tests/HAZARDS.md` has a row for each of the hazards, and the tests it names are there; each test
//! of a hazard's file is named.

use crate::support::sources;

const TABLE: &str = include_str!("../../HAZARDS.md");
const HAZARDS: u32 = 18;

/// Returns what is wrong between a table and the sources, which are pairs of path and text.
fn faults(table: &str, sources: &[(String, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut hazards = Vec::new();
    let mut named = Vec::new();
    for line in table.lines() {
        let columns: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, hazard, what, defence, tests, removed, said, residue, _] = columns[..] else {
            continue;
        };
        if !hazard.starts_with(['H', 'R']) || !hazard[1..].starts_with(|c: char| c.is_ascii_digit())
        {
            continue;
        }
        hazards.push(hazard);
        for (column, text) in [
            ("what could happen", what),
            ("defence", defence),
            ("how it was removed", removed),
            ("what the test said", said),
            ("residue", residue),
        ] {
            if text.is_empty() {
                faults.push(format!("{hazard} does not say: {column}"));
            }
        }
        let paths: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        if paths.is_empty() {
            faults.push(format!("{hazard} has no test"));
        }
        for path in paths {
            if !is_there(path, sources) {
                faults.push(format!("{hazard} names a test that is not there: {path}"));
            }
            named.push(path);
        }
    }
    for number in 1..=HAZARDS {
        let hazard = format!("H{number}");
        let rows = hazards.iter().filter(|row| **row == hazard).count();
        if rows != 1 {
            faults.push(format!("{hazard} has {rows} rows"));
        }
    }
    for (path, _) in sources {
        let module = path.trim_end_matches(".rs").replace('/', "::");
        let is_of_a_hazard = module
            .strip_prefix("hazards::")
            .is_some_and(|name| name.starts_with(['h', 'r']) && name[1..].starts_with(['0', '1']));
        let is_named = named.iter().any(|path| {
            path.strip_prefix(&module)
                .is_some_and(|rest| rest.starts_with("::"))
        });
        if is_of_a_hazard && !is_named {
            faults.push(format!("the table does not name {module}"));
        }
    }
    faults
}

/// Returns `true` if a file has that test: `module::name`, or `module::*` for all it has.
fn is_there(path: &str, sources: &[(String, String)]) -> bool {
    let (module, name) = path.rsplit_once("::").unwrap_or(("", path));
    let file = format!("{}.rs", module.replace("::", "/"));
    let found = sources.iter().find(|(path, _)| *path == file);
    found.is_some_and(|(_, text)| {
        if name == "*" {
            text.contains("#[test]")
        } else {
            tests_of(text).any(|test| test == name)
        }
    })
}

/// Returns the names of the tests in a source, also of those that a macro makes.
fn tests_of(text: &str) -> impl Iterator<Item = &str> {
    let plain = text.split("#[test]\n").skip(1).filter_map(|after| {
        let (_, function) = after.split_once("fn ")?;
        Some(function.split_once('(')?.0)
    });
    let made = text.split("aborts!(").chain(text.split("survives!("));
    let made = made.skip(1).filter_map(|after| {
        let (name, _) = after.split_once(',')?;
        Some(name.trim())
    });
    plain.chain(made)
}

#[test]
fn the_table_and_the_tests_agree() {
    let faults = faults(TABLE, &sources());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_disagreement_is_found() {
    let source = |text: &str| format!("//! X.\n\n{text}");
    let sources = [
        (
            "hazards/h01_a.rs".to_owned(),
            source("#[test]\nfn it_holds() {}\n"),
        ),
        (
            "hazards/h02_b.rs".to_owned(),
            source("aborts!(it_aborts, \"a hook\", {});\n"),
        ),
    ];
    let row = |number: u32, tests: &str| {
        format!("| H{number} | bad | a file | {tests} | so | red | none |\n")
    };
    let rest: String = (3..=HAZARDS)
        .map(|number| row(number, "`hazards::h01_a::*`"))
        .collect();
    let right =
        row(1, "`hazards::h01_a::it_holds`") + &row(2, "`hazards::h02_b::it_aborts`") + &rest;
    assert_eq!(faults(&right, &sources), [""; 0]);
    let finds = |table: &str, what: &str| {
        let found = faults(table, &sources);
        assert!(
            found.iter().any(|fault| fault.contains(what)),
            "{found:?} lacks {what:?}"
        );
    };
    finds(&rest, "H1 has 0 rows");
    finds(&(rest.clone() + &right), "H3 has 2 rows");
    finds(&right.replace("it_holds", "it_fails"), "not there");
    finds(&right.replace("h02_b", "h02_c"), "not there");
    finds(
        &right.replace("h02_b", "h02_c"),
        "does not name hazards::h02_b",
    );
    finds(
        &right.replace("`hazards::h02_b::it_aborts`", "none"),
        "H2 has no test",
    );
    for (column, text) in ["bad", "a file", "so", "red", "none"].iter().enumerate() {
        let table = right.replace(&format!("| {text} |"), "| |");
        finds(
            &table,
            &format!(
                "H1 does not say: {}",
                [
                    "what could happen",
                    "defence",
                    "how it was removed",
                    "what the test said",
                    "residue",
                ][column]
            ),
        );
    }
}
