//! Conformance: the scenarios recorded from Perl's Coro 6.57 (`tests/oracle/traces`) run here and
//! give the same traces. `tests/oracle/README.md` says what is compared.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const RUNNER: &str = env!("CARGO_BIN_EXE_scenario");
const TRACES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle/traces");

/// A recorded set of scenarios, and the traces of both sides.
struct Recording {
    scenarios: PathBuf,
    theirs: PathBuf,
    ours: PathBuf,
}

impl Recording {
    /// Runs the recorded scenarios of this name. `by` tells apart the tests that do.
    fn run(name: &str, by: &str) -> Recording {
        let recorded = |what| Path::new(TRACES).join(format!("{name}.{what}.jsonl"));
        let scenarios = recorded("scenarios");
        let input = File::open(&scenarios).expect("the scenarios are recorded");
        let ran = Command::new(RUNNER)
            .stdin(Stdio::from(input))
            .output()
            .expect("the runner can be run");
        assert!(ran.status.success(), "{name}: {ran:?}");
        let ours = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{by}-{name}.jsonl"));
        fs::write(&ours, ran.stdout).expect("a trace can be written");
        Recording {
            scenarios,
            theirs: recorded("theirs"),
            ours,
        }
    }

    fn compare(&self, at_least: usize) -> Output {
        let mut compare = Command::new(RUNNER);
        compare.arg("--compare");
        compare.args([&self.scenarios, &self.theirs, &self.ours]);
        compare.args(["--at-least", &at_least.to_string()]);
        compare.output().expect("the runner can be run")
    }

    /// Changes our trace, and asserts that the comparison notices.
    #[track_caller]
    fn twin(&self, what: &str, change: impl Fn(&str) -> String) {
        let before = fs::read_to_string(&self.ours).expect("the trace was written");
        let after = change(&before);
        assert_ne!(before, after, "{what}: nothing was changed");
        fs::write(&self.ours, after).expect("a trace can be written");
        let compared = self.compare(0);
        fs::write(&self.ours, before).expect("a trace can be written");
        assert!(!compared.status.success(), "{what}: not noticed");
    }
}

/// Runs a recorded set, and asserts that nothing differs and that this much was compared.
#[track_caller]
fn agrees(name: &str, at_least: usize) {
    let compared = Recording::run(name, "agrees").compare(at_least);
    let said = String::from_utf8_lossy(&compared.stdout);
    assert!(compared.status.success(), "{name}:\n{said}");
}

#[test]
fn traces_of_every_feature_are_those_of_coro() {
    agrees("core", 22);
    agrees("all", 15);
    agrees("suspend", 15);
}

#[test]
fn traces_of_scheduling_are_those_of_coro() {
    agrees("prio", 22);
    agrees("wake", 22);
    agrees("sched", 22);
}

#[test]
fn traces_of_objects_are_those_of_coro() {
    agrees("sem", 22);
    agrees("channel", 22);
}

#[test]
fn traces_of_interruptions_are_those_of_coro() {
    agrees("kill", 15);
    agrees("cancel", 15);
    agrees("throw", 15);
    agrees("semkill", 15);
    agrees("chankill", 10);
    agrees("joinkill", 15);
    agrees("pairs", 35);
}

#[test]
fn traces_of_corners_are_those_of_coro() {
    agrees("by-hand", 10);
}

#[test]
fn a_throw_at_itself_is_raised_where_coro_raises_it() {
    agrees("self-throw", 4);
}

/// What has no crate yet is told and skipped; it is compared as soon as there is one.
#[test]
fn traces_of_other_objects_are_those_of_coro_or_unsupported() {
    for name in ["signal", "sigkill", "rwlock", "rwkill", "semset"] {
        agrees(name, 0);
    }
}

#[test]
fn a_line_that_cannot_be_run_says_so_and_the_next_one_is_run() {
    let ours = fs::read_to_string(Recording::run("broken", "broken").ours).unwrap();
    let outcomes: Vec<_> = ours.lines().filter(|l| l.contains("\"outcome\"")).collect();
    assert_eq!(outcomes.len(), 5, "{ours}");
    assert!(outcomes[0].contains("\"r\":\"bad-json\""));
    assert!(outcomes[1].contains("\"r\":\"finished\""));
    assert!(outcomes[2].contains("\"r\":\"finished\""));
    assert!(outcomes[3].contains("\"r\":\"unsupported\",\"x\":\"quantum\""));
    assert!(outcomes[4].contains("\"r\":\"finished\""));
    let theirs = fs::read_to_string(Path::new(TRACES).join("broken.theirs.jsonl")).unwrap();
    let until = |text: &str| text.split("broken-2").next().map(str::to_owned);
    assert_eq!(until(&ours), until(&theirs));
}

/// The twins: a runner that did these things would not pass.
#[test]
fn the_comparison_notices_what_is_wrong() {
    let recording = Recording::run("semkill", "twin");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    recording.twin("two events in the other order", |text| {
        let mut lines = lines(text);
        let at = lines.iter().position(|l| l.contains("\"start\"")).unwrap();
        lines.swap(at, at + 1);
        lines.join("\n")
    });
    recording.twin("an event is missing", |text| {
        let mut lines = lines(text);
        let at = lines.iter().rposition(|l| l.contains("\"ret\"")).unwrap();
        lines.remove(at);
        lines.join("\n")
    });
    recording.twin("a scenario is missing", |text| {
        let at = text.rfind("{\"e\":\"scenario\"").unwrap();
        text[..at].to_owned()
    });
    recording.twin("a scenario has no end", |text| {
        let at = text.rfind("{\"e\":\"outcome\"").unwrap();
        text[..at].to_owned()
    });
    recording.twin("another result", |text| {
        text.replacen("\"r\":1", "\"r\":0", 1)
    });
    assert!(recording.compare(0).status.success());
    assert!(
        !recording.compare(1_000).status.success(),
        "too few were compared"
    );
}

/// The invariants alone notice too, in traces that need not be Coro's.
#[test]
fn the_invariants_notice_what_is_wrong() {
    let recording = Recording::run("chankill", "invariants");
    let theirs = Recording {
        scenarios: recording.scenarios.clone(),
        // Compared with themselves, traces can break nothing but the invariants.
        theirs: recording.ours.clone(),
        ours: recording.ours.clone(),
    };
    assert!(theirs.compare(1).status.success());
    theirs.twin("a value that was never put", |text| {
        let at = text.find("\"op\",\"c\":\"A\"").unwrap();
        let (before, after) = text.split_at(at);
        before.to_owned() + &after.replacen("\"size\":0", "\"size\":1", 1)
    });
    theirs.twin("a coro that is destroyed twice", |text| {
        let line = text.lines().find(|l| l.contains("\"destroyed\"")).unwrap();
        text.replacen(line, &format!("{line}\n{line}"), 1)
    });
    theirs.twin("a waiter that nobody knows", |text| {
        text.replacen("\"get\":[]", "\"get\":[\"A\"]", 1)
    });
}
