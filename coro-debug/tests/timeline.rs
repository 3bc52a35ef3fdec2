//! The program `timeline`, as its user meets it.

use std::io::Read;
use std::process::{Command, Output};
use std::{env, fs, process};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

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

#[test]
fn in_a_terminal_it_is_as_wide_as_that() {
    let whole = text(&timeline(&["h2o"]).stdout);
    let widest = |text: &str| {
        text.lines()
            .map(|line| line.trim_end().chars().count())
            .max()
    };
    assert!(widest(&whole) > Some(80), "{whole}");
    let size = PtySize {
        rows: 200,
        cols: 80,
        ..PtySize::default()
    };
    let pair = native_pty_system().openpty(size);
    let pair = pair.expect("there is a terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_timeline"));
    command.arg("h2o");
    let child = pair.slave.spawn_command(command);
    let mut child = child.expect("it can be started");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("it can be read");
    let (mut shown, mut part) = (Vec::new(), [0; 4096]);
    // On Linux, the end is an error.
    while let Ok(count @ 1..) = reader.read(&mut part) {
        shown.extend_from_slice(&part[..count]);
    }
    assert!(child.wait().expect("it ends").success());
    let shown = text(&shown);
    assert_eq!(widest(&shown), Some(80), "{shown}");
    assert!(shown.contains("“makes HOH”"), "{shown}");
}
