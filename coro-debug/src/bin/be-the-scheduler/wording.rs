//! What is said to the player.

use coro_explore::{Move, Verdict};

use crate::game::{Hint, Refusal};
use crate::keys;

/// `a deadlock`.
pub(crate) fn with_article(verdict: Verdict) -> String {
    match verdict {
        Verdict::Invariant => "a violated invariant".to_owned(),
        Verdict::Nondeterminism => "nondeterminism".to_owned(),
        other => format!("a {other}"),
    }
}

/// `3 moves`.
pub(crate) fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

/// `run #1, run #2`; of many, the last.
pub(crate) fn moves(moves: &[Move]) -> String {
    const SHOWN: usize = 6;
    let cut = moves.len().saturating_sub(SHOWN);
    let all: Vec<_> = moves[cut..].iter().map(Move::to_string).collect();
    let dots = if cut > 0 { "…, " } else { "" };
    format!("{dots}{}", all.join(", "))
}

/// Says what was done without the player.
pub(crate) fn made_at_once(made: &[Move]) -> String {
    format!(
        "Made at once, as nothing else was possible: {}.",
        moves(made)
    )
}

/// Says a hint.
pub(crate) fn hint(hint: &Hint) -> String {
    match hint {
        Hint::Written(text, at, of) => format!("Hint {at} of {of}: {text}"),
        Hint::Move(next) => {
            let key = keys::of(*next);
            format!(
                "Hint: {next} (key {key}). It leads to a failure, by what the explorer has found."
            )
        }
        Hint::Back(report, turns) => {
            let begin = match report.is_exhaustive() {
                true => "From here nothing can fail any more, whatever you do.",
                false => "The explorer finds no failure from here.",
            };
            let times = match turns {
                1 => "once".to_owned(),
                turns => format!("{turns} times"),
            };
            format!("{begin} Undo {times} (u): there it still can.")
        }
        Hint::Won => "It has failed already: you have won.".to_owned(),
    }
}

/// Says why nothing was done.
pub(crate) fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Over => "it is over; undo or restart".to_owned(),
        Refusal::Illegal(refused, legal) => {
            let all: Vec<_> = legal.iter().map(Move::to_string).collect();
            let all = all.join(", ");
            format!("{refused}: that is not possible now; possible: {all}")
        }
        Refusal::Beginning => "this is the beginning: there is nothing to undo".to_owned(),
    }
}

/// The keys, and what the screen shows.
pub(crate) const HELP: &str = "\
You are the scheduler. The program of this level is wrong, but in production
it may well pass. Choose who runs next, until it fails.

  0 … 9, A …    run the coro of this number: #0 is the body, A is #10
  w and then 1  wake #1 up for nothing: a spurious wake-up, where allowed
  t             let the earliest timer go off, although coros are ready
  x c a o, 1    throw into #1, cancel it, cancel it when its turn comes,
                or time it out, where the level has these
  enter         what production would do: who has been ready longest
  e             that again and again, until it is over
  u             undo         r  restart
  h             a hint; when there are no more, the next move to a failure
  s             the source, and where each coro stands
  v             all that has happened, nothing cut
  n p l         next level, previous level, all levels
  ↑ ↓           look back and forth     Esc  back to the game
  q, ctrl-c     quit

Each coro has a column. A row is what one of them did between two switches;
time goes down. › marks what is new, * where you departed from production
order, ■ where a coro blocked, and :14 is line 14 of the source.
When only one move is possible, it is made at once.

How coros stand: ▶ ready, with its place in the queue; ■ blocked, on what
and where; ✓ ended.";
