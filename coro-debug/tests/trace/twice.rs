//! The same run gives the same picture, columns and trace, to the byte.

use std::time::Duration;

use coro::{cede, spawn};
use coro_debug::trace::{Recorder, Trace, record};
use coro_time::{VirtualClock, sleep};

use super::listener::fresh;
use super::programs;

fn all(trace: &Trace) -> [String; 4] {
    let columns = trace.to_string();
    [
        columns,
        format!("{trace:#}"),
        trace.to_svg(),
        trace.to_perfetto(),
    ]
}

#[test]
fn a_program_is_told_the_same_at_any_time_in_the_life_of_a_process() {
    for &(name, program) in programs::ALL {
        let [first, again, later] = fresh(move || {
            let first = all(&record(program).1);
            let again = all(&record(program).1);
            (0..100).for_each(|_| spawn(cede).join().unwrap());
            [first, again, all(&record(program).1)]
        });
        let elsewhere = fresh(move || all(&record(program).1));
        assert_eq!(first, again, "{name}");
        assert_eq!(first, later, "{name}");
        assert_eq!(first, elsewhere, "{name}");
    }
}

#[test]
fn a_trace_is_told_the_same_each_time_it_is_asked() {
    fresh(|| {
        let ((), trace) = record(|| programs::ALL.iter().for_each(|(_, program)| program()));
        assert_eq!(all(&trace), all(&trace.clone()));
    });
}

#[test]
fn a_recording_with_time_is_told_the_same_if_the_clock_shows_the_same() {
    let run = || {
        fresh(|| {
            let _clock = VirtualClock::install();
            let recording = Recorder::new().timed().start();
            let c = spawn(|| sleep(Duration::from_millis(3)));
            sleep(Duration::from_millis(1));
            c.join().unwrap();
            all(&recording.stop())
        })
    };
    assert_eq!(run(), run());
}
