//! Conformance: the scenarios recorded from Perl's Coro 6.57 (`tests/corpus`) run here and give the
//! same traces. `tests/oracle/README.md` says what is compared.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use flate2::read::GzDecoder;

const RUNNER: &str = env!("CARGO_BIN_EXE_scenario");
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");

/// The profiles of the generator, each a set of the corpus.
const PROFILES: [&str; 20] = [
    "core", "prio", "wake", "kill", "cancel", "throw", "sem", "semkill", "sigkill", "chankill",
    "rwkill", "joinkill", "channel", "signal", "rwlock", "semset", "sched", "all", "suspend",
    "pairs",
];

/// Reads a file of the corpus, packed or not.
fn recorded(name: &str, what: &str) -> String {
    let plain = Path::new(CORPUS).join(format!("{name}.{what}.jsonl"));
    let packed = Path::new(CORPUS).join(format!("{name}.{what}.jsonl.gz"));
    let mut text = String::new();
    let read = match File::open(plain) {
        Ok(mut file) => file.read_to_string(&mut text),
        Err(_) => {
            File::open(packed).and_then(|file| GzDecoder::new(file).read_to_string(&mut text))
        }
    };
    read.unwrap_or_else(|error| panic!("{name}.{what} is not recorded: {error}"));
    text
}

/// Writes a file for one test.
fn written(name: String, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("the folder for tests can be written to");
    path
}

/// A recorded set of scenarios, and the traces of both sides.
struct Recording {
    scenarios: PathBuf,
    theirs: PathBuf,
    ours: PathBuf,
}

impl Recording {
    /// Runs the recorded scenarios of this name. `by` tells apart the tests that do.
    fn run(name: &str, by: &str) -> Recording {
        let file = |what, text: &str| written(format!("{by}-{name}.{what}.jsonl"), text);
        let scenarios = file("scenarios", &recorded(name, "scenarios"));
        let input = File::open(&scenarios).expect("the scenarios were written");
        let ours = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{by}-{name}.ours.jsonl"));
        let output = File::create(&ours).expect("the folder for tests can be written to");
        let ran = Command::new(RUNNER)
            .stdin(Stdio::from(input))
            .stdout(Stdio::from(output))
            .status()
            .expect("the runner can be run");
        assert!(ran.success(), "{name}: {ran:?}");
        let theirs = file("theirs", &recorded(name, "theirs"));
        Recording {
            scenarios,
            theirs,
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
    assert!(said.contains(" unsupported=0 "), "{name}:\n{said}");
}

#[test]
fn traces_of_every_feature_are_those_of_coro() {
    agrees("core", 120);
    agrees("all", 100);
    agrees("suspend", 90);
}

#[test]
fn traces_of_scheduling_are_those_of_coro() {
    agrees("prio", 120);
    agrees("wake", 120);
    agrees("sched", 130);
}

#[test]
fn traces_of_objects_are_those_of_coro() {
    agrees("sem", 130);
    agrees("channel", 130);
    agrees("signal", 130);
    agrees("rwlock", 130);
    agrees("semset", 90);
}

#[test]
fn traces_of_interruptions_are_those_of_coro() {
    agrees("kill", 100);
    agrees("cancel", 100);
    agrees("throw", 100);
    agrees("joinkill", 100);
}

#[test]
fn traces_of_interrupted_objects_are_those_of_coro() {
    agrees("semkill", 100);
    agrees("sigkill", 80);
    agrees("chankill", 70);
    agrees("rwkill", 100);
}

#[test]
fn traces_of_interruptions_in_pairs_are_those_of_coro() {
    agrees("pairs", 3_500);
}

/// Coro destroys in a coro of priority 3: here the destructions are moved to where they belong.
#[test]
fn traces_with_the_highest_priority_are_those_of_coro() {
    agrees("high-prio", 110);
    agrees("high-sched", 110);
    agrees("high-all", 100);
}

#[test]
fn traces_of_corners_are_those_of_coro() {
    agrees("by-hand", 14);
}

#[test]
fn a_throw_at_itself_is_raised_where_coro_raises_it() {
    agrees("self-throw", 4);
}

/// Runs the count of pairs on these files.
fn pairs(least: &str, files: &[PathBuf]) -> Output {
    let mut count = Command::new(RUNNER);
    count.args(["--pairs", least]).args(files);
    count.output().expect("the runner can be run")
}

/// The scenarios and traces of each profile.
fn corpus() -> Vec<PathBuf> {
    let files = PROFILES.iter().flat_map(|name| {
        ["scenarios", "theirs"]
            .map(|what| Path::new(CORPUS).join(format!("{name}.{what}.jsonl.gz")))
    });
    files.collect()
}

/// The number after `key=` in what a program said.
fn said(output: &Output, key: &str) -> usize {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut words = text.split_whitespace();
    let number = words.find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[test]
fn the_corpus_hits_each_pair_of_wait_and_interruption_fifty_times() {
    let counted = pairs("50", &corpus());
    let text = String::from_utf8_lossy(&counted.stdout);
    assert!(counted.status.success(), "{text}");
    assert!(said(&counted, "scenarios") >= 5_000, "{text}");
    for name in PROFILES {
        assert!(recorded(name, "scenarios").lines().count() >= 100, "{name}");
    }
}

/// The twins of the count.
#[test]
fn the_count_of_pairs_notices_what_is_wrong() {
    let scenarios = written(
        "count.scenarios".to_owned(),
        &recorded("chankill", "scenarios"),
    );
    let twin = |change: &dyn Fn(&str) -> String| {
        let theirs = recorded("chankill", "theirs");
        let changed = change(&theirs);
        let files = [
            scenarios.clone(),
            written("count.theirs".to_owned(), &changed),
        ];
        pairs("0", &files)
    };
    let before = twin(&str::to_owned);
    assert!(before.status.success());
    assert!(said(&before, "untainted") > 0);
    let listed = twin(&|theirs| theirs.replace("\"taint\":[\"put-interrupted\"]", "\"taint\":[]"));
    assert!(
        !listed.status.success(),
        "a pair that is said to be always tainted was hit"
    );
    let tainted = twin(&|theirs| theirs.replace("\"taint\":[]", "\"taint\":[\"any\"]"));
    assert_eq!(said(&tainted, "untainted"), 0, "tainted traces count");

    let few = &corpus()[..2];
    assert!(!pairs("1", few).status.success(), "too few are enough");
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
    let theirs = recorded("broken", "theirs");
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

/// The twins of the rule for priority 3: it moves the events of a destruction, and nothing else.
#[test]
fn the_comparison_of_the_highest_priority_notices_what_is_wrong() {
    let recording = Recording::run("high-prio", "twin");
    let before = recording.compare(0);
    assert!(before.status.success());
    assert!(said(&before, "normalised") > 50);
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    recording.twin("a destruction in another order", |text| {
        let mut lines = lines(text);
        let at = lines
            .iter()
            .rposition(|l| l.contains("\"destroyed\""))
            .unwrap();
        assert!(lines[at - 1].contains("\"unwind\""));
        lines.swap(at - 1, at);
        lines.join("\n")
    });
    recording.twin("a destruction is missing", |text| {
        let mut lines = lines(text);
        let at = lines
            .iter()
            .rposition(|l| l.contains("\"destroyed\""))
            .unwrap();
        lines.remove(at);
        lines.join("\n")
    });
    recording.twin("two starts in the other order", |text| {
        let mut lines = lines(text);
        let at = lines.iter().rposition(|l| l.contains("\"start\"")).unwrap();
        lines.swap(at, at + 1);
        lines.join("\n")
    });
    // The same scenarios, if they did not say that there is a priority 3.
    let scenarios = fs::read_to_string(&recording.scenarios).unwrap();
    let lower = scenarios
        .replace("\"prio\":3", "\"prio\":2")
        .replace(",3]", ",2]");
    let lower = Recording {
        scenarios: written(
            "lower.scenarios".to_owned(),
            &lower.replace("\"nice\",-", "\"nice\","),
        ),
        theirs: recording.theirs.clone(),
        ours: recording.ours.clone(),
    };
    let lower = lower.compare(0);
    assert_eq!(said(&lower, "normalised"), 0, "the rule is for priority 3");
    assert!(said(&lower, "different") > 0, "the rule is not needed");
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
