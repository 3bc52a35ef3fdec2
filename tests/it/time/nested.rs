//! Timeouts inside timeouts: which one cuts off, told by a model of ten lines for random programs.

use coro::{OverdueKey, cede, current, shield};
use coro_time::{Elapsed, VirtualClock, armed, sleep, timeout};
use proptest::prelude::*;

use super::{begin, secs};
use crate::support::{Log, caught};

#[test]
fn the_earlier_one_cuts_off() {
    let clock = VirtualClock::install();
    let inner_first = timeout(secs(3), || timeout(secs(2), || sleep(secs(9))));
    assert_eq!(inner_first, Ok(Err(Elapsed)));
    assert_eq!(clock.elapsed(), secs(2));
    let outer_first = timeout(secs(2), || timeout(secs(3), || sleep(secs(9))));
    assert_eq!(outer_first, Err(Elapsed));
    assert_eq!(clock.elapsed(), secs(4));
    assert_eq!((armed(), current().overdue()), (0, None));
}

#[test]
fn of_two_at_the_same_time_the_outer_one_cuts_off() {
    let _clock = VirtualClock::install();
    for depth in 0..50 {
        fn nest(depth: u32) -> Result<(), Elapsed> {
            timeout(secs(1), || {
                if depth > 0 {
                    return nest(depth - 1);
                }
                sleep(secs(9));
                Ok(())
            })?
        }
        let log = Log::new();
        let cut = timeout(secs(1), || {
            let _ = nest(depth);
            log.say("an inner one was first");
        });
        assert_eq!(cut, Err(Elapsed));
        log.expect([]);
        assert_eq!((armed(), current().overdue()), (0, None));
    }
}

#[test]
fn when_the_inner_one_has_cut_off_the_outer_one_does_so_at_the_next_call() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let cut = timeout(secs(2), || {
        let inner = timeout(secs(1), || {
            // Both are over when this ends.
            shield(|| sleep(secs(3)));
            sleep(secs(1));
        });
        log.say(inner.is_err());
        sleep(secs(1));
        log.say("not reached");
    });
    assert_eq!(cut, Err(Elapsed));
    log.expect(["true"]);
    assert_eq!(clock.elapsed(), secs(3));
    assert_eq!((armed(), current().overdue()), (0, None));
}

#[test]
fn one_that_ends_in_time_takes_no_other_along() {
    let clock = VirtualClock::install();
    let cut = timeout(secs(5), || {
        shield(|| {
            // Its mark is the first one, and goes when it ends; the outer one's comes after it.
            assert!(timeout(secs(1), || sleep(secs(6))).is_ok());
            assert!(current().overdue().is_some());
        });
        cede();
    });
    assert_eq!(cut, Err(Elapsed));
    assert_eq!(clock.elapsed(), secs(6));
    assert_eq!((armed(), current().overdue()), (0, None));
}

/// A body: what it does one after the other.
#[derive(Clone, Debug)]
enum Body {
    Sleep(u64),
    Seq(Vec<Body>),
    Timeout(u64, Box<Body>),
    Shield(Box<Body>),
    /// Catches all that unwinds, and goes on.
    Swallow(Box<Body>),
}

fn body() -> impl Strategy<Value = Body> {
    let sleep = (1..6_u64).prop_map(Body::Sleep);
    sleep.prop_recursive(6, 40, 4, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 0..5).prop_map(Body::Seq),
            4 => ((1..12_u64), boxed()).prop_map(|(time, body)| Body::Timeout(time, body)),
            3 => boxed().prop_map(Body::Shield),
            1 => boxed().prop_map(Body::Swallow),
        ]
    })
}

/// How the timeouts ended that returned, and when.
type Ends = Vec<(u64, bool)>;

#[derive(Default)]
struct Model {
    now: u64,
    frames: Vec<u64>,
    shields: u32,
    ends: Ends,
}

impl Model {
    /// Runs a body; an error is the frame whose timeout has cut it off.
    fn run(&mut self, body: &Body) -> Result<(), usize> {
        match body {
            Body::Sleep(time) => {
                let frames = self.frames.iter().copied().zip(0..);
                // The earliest, and of these the outermost.
                let first = frames.min().filter(|_| self.shields == 0);
                let end = self.now + time;
                match first {
                    Some((deadline, frame)) if deadline < end => {
                        self.now = self.now.max(deadline);
                        Err(frame)
                    }
                    // At the entry of the call it is too late, whenever it would end.
                    Some((deadline, frame)) if deadline <= self.now => Err(frame),
                    _ => {
                        self.now = end;
                        Ok(())
                    }
                }
            }
            Body::Seq(all) => all.iter().try_for_each(|body| self.run(body)),
            Body::Timeout(time, body) => {
                let frame = self.frames.len();
                self.frames.push(self.now + time);
                let result = self.run(body);
                self.frames.pop();
                if result.is_err_and(|of| of != frame) {
                    return result;
                }
                self.ends.push((self.now, result.is_ok()));
                Ok(())
            }
            Body::Shield(body) => {
                self.shields += 1;
                let result = self.run(body);
                self.shields -= 1;
                result
            }
            Body::Swallow(body) => {
                let _ = self.run(body);
                Ok(())
            }
        }
    }
}

fn run(body: &Body, clock: &VirtualClock, ends: &mut Ends) {
    match body {
        Body::Sleep(time) => sleep(secs(*time)),
        Body::Seq(all) => all.iter().for_each(|body| run(body, clock, ends)),
        Body::Timeout(time, body) => {
            let result = timeout(secs(*time), || run(body, clock, ends));
            ends.push((clock.elapsed().as_secs(), result.is_ok()));
        }
        Body::Shield(body) => shield(|| run(body, clock, ends)),
        Body::Swallow(body) => drop(caught(|| run(body, clock, ends))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn random_programs_end_as_the_model_says(body in body(), pest in 1..4_u64) {
        let clock = VirtualClock::install();
        let mut model = Model::default();
        model.run(&body).expect("the outermost frame takes its own");
        // Wake-ups for nothing make no difference.
        let main = current();
        let pest = begin(move || loop {
            sleep(secs(pest));
            main.ready();
        });
        let mut ends = Ends::new();
        run(&body, &clock, &mut ends);
        pest.cancel();
        prop_assert_eq!(ends, model.ends);
        prop_assert_eq!(clock.elapsed().as_secs(), model.now);
        prop_assert_eq!((armed(), current().overdue()), (0, None));
    }
}

/// Another user of the kernel's marks must not swallow a timeout, nor be taken for one.
#[test]
fn a_timeout_stands_beside_the_mark_of_a_stranger() {
    let clock = VirtualClock::install();
    let stranger = OverdueKey::unique();
    let c = begin(move || {
        timeout(secs(1), || {
            let cut = caught(|| {
                loop {
                    coro::schedule();
                }
            });
            let cut = cut.expect_err("the stranger's mark is older");
            assert_eq!(coro::overdue_key(&*cut), Some(stranger));
            current().clear_overdue(stranger);
            loop {
                coro::schedule();
            }
        })
    });
    c.set_overdue(stranger);
    clock.advance(secs(2));
    assert_eq!(c.join().unwrap(), Err::<(), _>(Elapsed));
    assert_eq!(armed(), 0);
}
