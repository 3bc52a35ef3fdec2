//! The program `timeline`, as its user meets it.

use std::process::{Command, Output};
use std::{env, fs, process};

fn timeline(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_timeline"))
        .args(arguments)
        .output()
        .expect("it can be run")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it is text")
}

#[test]
fn it_prints_columns_and_writes_what_it_is_told_to() {
    let path = |ending: &str| {
        let name = format!("timeline-{}.{ending}", process::id());
        env::temp_dir().join(name).to_string_lossy().into_owned()
    };
    let (svg, json) = (path("svg"), path("json"));
    let shown = timeline(&["lost_update", "--svg", &svg, "--perfetto", &json]);
    assert!(shown.status.success());
    assert!(text(&shown.stdout).contains("“writes 15”"));
    let picture = fs::read_to_string(&svg).expect("it was written");
    let trace = fs::read_to_string(&json).expect("it was written");
    for path in [svg, json] {
        fs::remove_file(path).expect("it is there");
    }
    // The picture is that of the page.
    assert_eq!(
        picture,
        include_str!("../../coro-guide/pictures/lost_update.svg")
    );
    let trace: serde_json::Value = serde_json::from_str(&trace).expect("it is JSON");
    assert!(
        trace["traceEvents"]
            .as_array()
            .is_some_and(|all| all.len() > 20)
    );
}

#[test]
fn of_a_program_that_panics_it_shows_what_came_before() {
    let shown = timeline(&["lost_update", "--wrong"]);
    assert!(shown.status.success());
    assert!(text(&shown.stdout).contains("“writes 10”"), "{shown:?}");
    assert!(
        text(&shown.stderr).contains("assertion `left == right` failed"),
        "{shown:?}"
    );
}

#[test]
fn what_cannot_be_done_is_said() {
    let shown = timeline(&["lost_updates"]);
    assert_eq!(shown.status.code(), Some(2));
    let said = text(&shown.stderr);
    assert!(
        said.contains("no page \"lost_updates\"") && said.contains("lost_update,"),
        "{said}"
    );
    let shown = timeline(&["lost_update", "--svg", "no/such/folder/x.svg"]);
    assert_eq!(shown.status.code(), Some(2));
    assert!(text(&shown.stderr).contains("no/such/folder/x.svg: "));
}
