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
        "There was no choice, so the game has made this move: {}.",
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

  0 … 9   run the coro of this number: #0 is main; from #10 on: A, B, …
  enter   what production would do: who has been ready longest
  e       that again and again, until it is over
  u r     undo; restart
  h       a hint; when there are no more, the next move to a failure
  s       the source, and where each coro stands
  v       all that has happened, nothing cut: ← → look to the sides
  n p l   next level, previous level, all levels
  ↑ ↓     look back and forth
  Esc     back; from the game, to all levels
  q       quit, as does ctrl-c

Where a level has these, they stand beside the coro, two keys each:

  w1      wake #1 up for nothing: a spurious wake-up. It may run at once;
          if somebody else does, it stands at the end of the queue
  c1 x1   cancel #1, which unwinds at once; throw into #1
  a1 o1   cancel #1 when its turn comes; time it out
  t       let the earliest timer go off, although coros are ready

Each coro has a column. A row is what one of them did between two switches;
time goes down. › marks what is new, ■ where a coro blocked, :14 is line 14
of the source. * is where you deviated from production order: to pass over
two coros counts twice. When only one move is possible, it is made at once.

How coros stand: ▶ ready, with its place in the queue; ■ blocked, on what
and where; ✓ ended.";
