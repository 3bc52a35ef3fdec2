//! Schedules: that they lead to the same place again, and tell when they cannot.

use std::cell::Cell;
use std::process::Command;
use std::rc::Rc;
use std::{env, fs};

use coro_explore::{Builder, Failure, Verdict};

/// Two coros that read, give way, and write; `more` gives way once more.
fn race(more: bool) -> impl Fn() + Send + Sync + 'static {
    move || {
        let number = Rc::new(Cell::new(0));
        let both = ["a", "b"].map(|name| {
            let number = number.clone();
            coro::Builder::new().desc(name).spawn(move || {
                if name == "b" {
                    // So that production order is well.
                    coro::cede();
                    coro::cede();
                }
                let old = number.get();
                if more && name == "a" {
                    coro::cede();
                }
                coro::cede();
                number.set(old + 1);
            })
        });
        both.into_iter()
            .for_each(|c| c.join().expect("no fault is allowed"));
        assert_eq!(number.get(), 2);
    }
}

fn found(builder: &Builder) -> Failure {
    builder.run(race(false)).expect_err("it races")
}

#[test]
fn a_schedule_leads_to_the_same_failure() {
    let builder = Builder::new().name("race").spurious(0);
    let first = found(&builder);
    assert!(first.deviations() > 0);
    let again = builder
        .clone()
        .replay(first.schedule())
        .run(race(false))
        .unwrap_err();
    assert_eq!(again.verdict(), first.verdict());
    assert_eq!(again.schedule(), first.schedule());
    assert_eq!(again.execution().to_string(), first.execution().to_string());
    assert!(!again.to_string().contains("the code has changed"));
}

#[test]
fn all_faults_can_be_replayed() {
    let builder = Builder::new()
        .throws(1)
        .cancels(1)
        .safe_cancels(1)
        .timeouts(1)
        .spurious(1)
        .delays(1);
    // Fails when all of them have come.
    let body = || {
        let ends = Rc::new(Cell::new((0, 0)));
        let all = [0; 4].map(|_| {
            coro::spawn(|| {
                coro::cede();
                coro::cede();
            })
        });
        for one in all {
            let (thrown, cancelled) = ends.get();
            match one.join() {
                Err(error) if error.is_thrown() => ends.set((thrown + 1, cancelled)),
                Err(_) => ends.set((thrown, cancelled + 1)),
                Ok(()) => {}
            }
        }
        assert_ne!(ends.get(), (1, 2));
    };
    let first = builder.run(body).unwrap_err();
    assert_eq!(first.deviations(), 3);
    let again = builder.replay(first.schedule()).run(body).unwrap_err();
    assert_eq!(again.schedule(), first.schedule());
}

#[test]
fn code_that_has_changed_is_told_at_the_first_difference() {
    let builder = Builder::new().name("race").spurious(0);
    let first = found(&builder);
    let changed = builder.replay(first.schedule());
    // What has changed comes behind the last departure.
    let later = changed.run(race(true)).unwrap_err().to_string();
    let last = first
        .schedule()
        .split(['.', ':', '+'])
        .nth_back(2)
        .unwrap()
        .to_owned();
    let told = format!("the code has changed: not the same happens after step {last})");
    assert!(later.contains(&told), "{told}\n{later}");
    // Or before the first.
    let earlier = changed.run(|| {
        coro::cede();
        race(false)();
    });
    let text = match earlier {
        Ok(report) => report.to_string(),
        Err(failure) => failure.to_string(),
    };
    let step = first.schedule().split([':', '+']).nth(2).unwrap();
    assert!(
        text.contains(&format!("happens before step {step}")),
        "{text}"
    );
}

#[test]
fn a_schedule_of_mended_code_passes() {
    let builder = Builder::new().name("race").spurious(0);
    let first = found(&builder);
    let report = builder.replay(first.schedule()).run(|| ()).unwrap();
    let text = report.to_string();
    assert!(
        text.starts_with("the schedule passes, but the code has changed"),
        "{text}"
    );
}

#[test]
#[should_panic(expected = "not a schedule: \"v1:oops\"")]
fn what_is_no_schedule_is_refused() {
    _ = Builder::new().replay("v1:oops").run(|| ());
}

#[test]
fn text_that_is_no_schedule_is_none() {
    for text in [
        "",
        "v2:a:",
        "v1:a:1+",
        "v1:a:1+1.@0000",
        "v1:a:+1@0000.@0000",
        "v1:a:9q1@0000.@0000",
        "v1:a:5+1@0000",
        "v1:a:5+1@0000.3+1@0000.@0000",
    ] {
        let result = std::panic::catch_unwind(|| Builder::new().replay(text).run(|| ()));
        assert!(result.is_err(), "{text:?} was taken");
    }
}

/// Run by the next test in a process of its own.
#[test]
#[ignore = "fails, when the next test says so"]
fn fails_on_purpose() {
    Builder::new().spurious(0).check(race(false));
}

#[test]
fn the_command_that_is_printed_replays_the_failure() {
    let run = |schedule: Option<&str>| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args([
            "--exact",
            "replay::fails_on_purpose",
            "--ignored",
            "--nocapture",
        ]);
        if let Some(schedule) = schedule {
            command.env("CORO_SCHEDULE", schedule);
        }
        let output = command.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let text = run(None);
    let replay = text
        .lines()
        .find_map(|line| line.strip_prefix("replay: CORO_SCHEDULE="));
    let (schedule, command) = replay.unwrap().split_once(' ').unwrap();
    let profile = if cfg!(debug_assertions) {
        ""
    } else {
        " --release"
    };
    let test = "--exact replay::fails_on_purpose --include-ignored --nocapture";
    assert_eq!(
        command,
        format!("cargo test -p coro-explore{profile} -- {test}")
    );
    let again = run(Some(schedule));
    assert!(again.contains("(execution 1)"), "{again}");
    let table = |text: &str| {
        text.split("└")
            .next()
            .unwrap()
            .split('┌')
            .nth(1)
            .unwrap()
            .to_owned()
    };
    assert_eq!(table(&text), table(&again));
    // Another exploration's schedule is not ours.
    let other = run(Some("v1:other:@0000"));
    assert!(!other.contains("(execution 1)"), "{other}");
    let trace = text.lines().find_map(|line| line.strip_prefix("trace: "));
    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(trace.unwrap()).unwrap()).unwrap();
    assert_eq!(json["verdict"], "panic");
    assert_eq!(json["schedule"], schedule);
    assert!(json["steps"].as_array().unwrap().len() > 10);
}

#[test]
fn a_random_failure_is_replayed_too() {
    let builder = Builder::new()
        .name("race")
        .random()
        .seed(3)
        .max_executions(10_000);
    let first = found(&builder);
    let again = builder
        .replay(first.schedule())
        .run(race(false))
        .unwrap_err();
    assert_eq!(again.verdict(), Verdict::Panic);
    assert_eq!(again.schedule(), first.schedule());
}
