//! Random programs over the whole interface, whose destructors and callbacks call back.
//!
//! A failure prints the smallest program that fails. `CORO_FUZZ_CASES` says how many are tried, and
//! `CORO_FUZZ_PROGRAM` is one to run, as it was printed. A program may also end the process: with
//! `CORO_FUZZ_APART` each runs in a process of its own, so that such a one is made smaller too.

mod channels;
mod oracle;
mod program;
mod steps;
mod sync;
mod world;

use std::cell::Cell;
use std::process::Command;
use std::rc::Rc;
use std::sync::Once;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use program::{Op, Program};
use world::{Cx, World, panics, set_world, swallow};

const PROGRAM: &str = "CORO_FUZZ_PROGRAM";
const CASES: &str = "CORO_FUZZ_CASES";
const APART: &str = "CORO_FUZZ_APART";
const SEED: &str = "CORO_FUZZ_SEED";

/// As long as no program runs by far, under valgrind either.
const HANGS: Duration = Duration::from_secs(60);

thread_local! {
    static RUNS_PROGRAM: Cell<bool> = const { Cell::new(false) };
}

/// Keeps what programs panic with, and lets them print nothing.
fn hear_panics() {
    static HEARD: Once = Once::new();
    HEARD.call_once(|| {
        // The kernel puts in its hook when the first coro runs; it must not be put before this one.
        drop(coro::spawn(|| ()).join());
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !RUNS_PROGRAM.get() {
                return before(info);
            }
            let text = info.payload_as_str().unwrap_or("(no text)");
            let place = info.location().map(ToString::to_string);
            world::note_panic(format!("{text} at {}", place.unwrap_or_default()));
        }));
    });
}

/// Runs a program on this OS thread, and returns what is wrong.
fn judge(program: &Program) -> Vec<String> {
    RUNS_PROGRAM.set(true);
    let clock = coro_time::VirtualClock::install();
    let strict = program.has(Op::Scope);
    let w = Rc::new(World::new(strict));
    set_world(Some(w.clone()));
    for steps in &program.0[1..] {
        w.keep(steps::roomy().spawn(steps::body(steps)));
    }
    swallow(|| steps::run(&w, Cx::default(), &program.0[0]));
    let mut wrong = oracle::settle(&w);
    oracle::end(w, &mut wrong);
    drop(clock);
    wrong.extend(
        panics()
            .into_iter()
            .filter(|text| !oracle::is_expected(text)),
    );
    wrong
}

/// Runs a program on an OS thread of its own.
fn on_a_thread(program: &Program) -> Result<(), TestCaseError> {
    hear_panics();
    let (tell, told) = channel();
    let theirs = program.clone();
    let runs = thread::Builder::new()
        .stack_size(4 << 20)
        .spawn(move || drop(tell.send(judge(&theirs))))
        .expect("an OS thread can be had");
    match told.recv_timeout(HANGS) {
        Ok(wrong) => {
            drop(runs.join());
            if wrong.is_empty() {
                Ok(())
            } else {
                Err(TestCaseError::fail(wrong.join("\n")))
            }
        }
        Err(RecvTimeoutError::Timeout) => Err(TestCaseError::fail("it hangs")),
        Err(RecvTimeoutError::Disconnected) => {
            let text = match runs.join() {
                Err(payload) => crate::support::text(&*payload).to_owned(),
                Ok(()) => "no answer".to_owned(),
            };
            Err(TestCaseError::fail(format!("the judge panicked: {text}")))
        }
    }
}

/// Runs a program in a process of its own.
fn in_a_process(program: &Program) -> Result<(), TestCaseError> {
    let binary = std::env::current_exe().expect("the test binary has a path");
    let run = Command::new(binary)
        .args([
            "--exact",
            "fuzz::random_programs_keep_every_promise",
            "--nocapture",
        ])
        .env_remove(APART)
        .env(PROGRAM, program.encode())
        .output()
        .expect("the test binary can be run");
    if run.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&run.stderr);
    Err(TestCaseError::fail(format!("{}\n{said}", run.status)))
}

#[test]
fn random_programs_keep_every_promise() {
    if let Ok(line) = std::env::var(PROGRAM) {
        let program = Program::decode(&line);
        if let Err(wrong) = on_a_thread(&program) {
            panic!("{wrong}{program:?}");
        }
        return;
    }
    let number = |name| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let cases = number(CASES).unwrap_or(300);
    let seed = number(SEED).unwrap_or(1);
    let apart = std::env::var_os(APART).is_some();
    let config = Config {
        cases: u32::try_from(cases).expect("a number of cases"),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let trace = std::env::var_os("CORO_FUZZ_TRACE");
    let (tried, fails) = (Cell::new(0_u32), Cell::new(false));
    let result = TestRunner::new_with_rng(config, rng).run(&program::program(), |program| {
        if let Some(path) = &trace {
            std::fs::write(path, program.encode()).expect("the trace can be written");
        }
        tried.set(tried.get() + u32::from(!fails.get()));
        let result = if apart {
            in_a_process(&program)
        } else {
            on_a_thread(&program)
        };
        fails.set(fails.get() || result.is_err());
        result
    });
    if let Err(failure) = result {
        panic!("seed {seed}, case {}: {failure}", tried.get());
    }
}

#[test]
fn a_program_is_read_as_it_was_written() {
    let line = "( Cede.0.1 () Spawn.2.3 ( Put.4.5 ()))( Sleep.1.0 ())";
    assert_eq!(Program::decode(line).encode(), line);
}
