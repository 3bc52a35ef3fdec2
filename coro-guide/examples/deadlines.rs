//! Ann asks an oracle, and does not wait for ever. Each question brings the slot for its answer.

use std::rc::Rc;
use std::time::Duration;

use coro_channel::{Channel, OneshotSender, oneshot};
use coro_time::sleep;

const LIMIT: Duration = Duration::from_millis(10);

type Oracle = Channel<(u32, OneshotSender<u32>)>;

/// Asks for a square; waits for it until the limit is over.
fn ask(oracle: &Oracle, number: u32) -> Option<u32> {
    let (slot, answer) = oneshot();
    oracle.put((number, slot));
    coro::note(format_args!("asks {number}"));
    let answer = answer.get_timeout(LIMIT).ok().and_then(Result::ok);
    coro::note(format_args!("{answer:?}"));
    answer
}

/// Answers one question after the other. What is above 2 takes too long.
fn think(oracle: &Oracle) {
    while let Some((number, slot)) = oracle.get() {
        sleep(if number > 2 { 2 * LIMIT } else { LIMIT / 2 });
        coro::note(format_args!("says {}", number * number));
        if slot.send(number * number).is_err() {
            coro::note("to nobody"); // who has asked is gone, and the slot too
        }
    }
}

pub(crate) fn main() {
    let oracle = Rc::new(Oracle::unbounded());
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
    oracle.shutdown();
    thinker.join().expect("nobody cancels it");
}
