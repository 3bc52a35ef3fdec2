//! Ann asks an oracle, and does not wait for ever. All answers come by the same channel.

use std::rc::Rc;
use std::time::Duration;

use coro_channel::Channel;
use coro_time::sleep;

const LIMIT: Duration = Duration::from_millis(10);

struct Oracle {
    questions: Channel<u32>,
    answers: Channel<u32>,
}

/// Asks for a square; waits for it until the limit is over.
fn ask(oracle: &Oracle, number: u32) -> Option<u32> {
    while oracle.answers.try_get().is_some() {} // these have come too late
    oracle.questions.put(number);
    coro::note(format_args!("asks {number}"));
    let answer = oracle.answers.get_timeout(LIMIT).ok().flatten();
    coro::note(format_args!("{answer:?}"));
    answer
}

/// Answers one question after the other. What is above 2 takes too long.
fn think(oracle: &Oracle) {
    while let Some(number) = oracle.questions.get() {
        sleep(if number > 2 { 2 * LIMIT } else { LIMIT / 2 });
        coro::note(format_args!("says {}", number * number));
        oracle.answers.put(number * number);
    }
}

pub(crate) fn main() {
    let oracle = Rc::new(Oracle {
        questions: Channel::unbounded(),
        answers: Channel::unbounded(),
    });
    let theirs = oracle.clone();
    let thinker = move || think(&theirs);
    let thinker = coro::Builder::new().desc("oracle").spawn(thinker);
    let theirs = oracle.clone();
    let ann = coro::Builder::new().desc("ann").spawn(move || {
        let nine = ask(&theirs, 3);
        sleep(LIMIT);
        (nine, ask(&theirs, 2))
    });
    let answers = ann.join().expect("nobody cancels her");
    let are_hers = matches!(answers, (None | Some(9), None | Some(4)));
    assert!(are_hers, "{answers:?}");
    oracle.questions.shutdown();
    thinker.join().expect("nobody cancels it");
}
