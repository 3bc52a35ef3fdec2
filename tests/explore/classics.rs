//! The classic mistakes of concurrent programs: each is found, and its right twin is well.
//!
//! The texts that are printed are compared whole with `snapshots/`. `CORO_SNAPSHOTS=write` writes
//! them anew, and fails. They have the lines of the programs, so new programs come last in a file.

use std::fs;
use std::path::Path;

use coro::JoinHandle;
use coro_explore::{Builder, Verdict};

// With their paths, as this file is the root of a test program too.
#[path = "classics/buffers.rs"]
mod buffers;
#[path = "classics/dying.rs"]
mod dying;
#[path = "classics/locks.rs"]
mod locks;
#[path = "classics/progress.rs"]
mod progress;
#[path = "classics/state.rs"]
mod state;
#[path = "classics/wake_ups.rs"]
mod wake_ups;

#[track_caller]
fn spawn(name: &str, f: impl FnOnce() + 'static) -> JoinHandle<()> {
    coro::Builder::new().desc(name).spawn(f)
}

/// Waits for all, however they end. The place is the caller's.
#[track_caller]
fn join(all: impl IntoIterator<Item = JoinHandle<()>>) {
    for coro in all {
        _ = coro.join();
    }
}

/// Finds the mistake, replays it, and compares what is printed with `snapshots/NAME.txt`.
#[track_caller]
fn wrong(
    name: &str,
    explorer: &Builder,
    verdict: Verdict,
    body: impl Fn() + Send + Sync + Clone + 'static,
) {
    let explorer = explorer.clone().name(name);
    let failure = match explorer.run(body.clone()) {
        Err(failure) => failure,
        Ok(report) => panic!("{name} was not found: {report}"),
    };
    assert_eq!(failure.verdict(), verdict, "{failure}");
    let again = match explorer.replay(failure.schedule()).run(body) {
        Err(again) => again,
        Ok(report) => panic!("{report}"),
    };
    assert_eq!(again.schedule(), failure.schedule());
    assert_eq!(again.details(), failure.details());
    is_snapshot(name, &failure.to_string());
}

/// Proves that nothing is wrong in these executions, which are all that there are.
#[track_caller]
fn right(name: &str, explorer: &Builder, executions: u64, body: impl Fn() + Send + Sync + 'static) {
    let name = format!("{name}_right");
    // No limit that a livelock would need cuts these short.
    let explorer = explorer.clone().name(&name).max_steps(10_000);
    let report = explorer.check(body);
    println!("{name}: {report}");
    assert!(report.is_exhaustive(), "{name}: {report}");
    assert_eq!(report.executions(), executions, "{name}: {report}");
}

/// Takes away what depends on how the test is run: the command after the schedule, and the way to
/// the folder of this file.
fn normal(text: &str) -> String {
    let folder = file!().trim_end_matches("classics.rs");
    let mut normal = String::new();
    for line in text.lines() {
        let schedule = line
            .strip_prefix("replay: ")
            .and_then(|rest| rest.split_once(' '));
        match schedule {
            Some((schedule, _)) => normal += &format!("replay: {schedule} …\n"),
            None => normal += &format!("{}\n", line.replace(folder, "")),
        }
    }
    normal
}

#[track_caller]
fn is_snapshot(name: &str, text: &str) {
    let text = normal(text);
    // From the folder of this package, whichever it is.
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("../tests/explore/snapshots/{name}.txt"));
    if std::env::var_os("CORO_SNAPSHOTS").is_some_and(|how| how == "write") {
        fs::write(&path, text).expect("the folder is there");
        panic!("{} is written anew", path.display());
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        text == expected,
        "{name} is now\n{text}\nand was\n{expected}"
    );
}

#[test]
fn only_the_command_and_the_folder_are_taken_away() {
    let text = format!(
        "leak after 1 deviation\n  is at {}:7\nreplay: A=v1:b:@00 cargo test\n",
        file!(),
    );
    assert_eq!(
        normal(&text),
        "leak after 1 deviation\n  is at classics.rs:7\nreplay: A=v1:b:@00 …\n"
    );
}
