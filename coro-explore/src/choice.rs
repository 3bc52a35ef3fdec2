//! Where an execution departs from what production would do.

use std::fmt;
use std::str::FromStr;

use crate::fault::Fault;

/// The number of a coro within its execution: the body is 0, and the others follow as they are made.
pub(crate) type Number = u32;

/// One departure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// So many coros that would run before are passed over.
    Delay(u32),
    /// A data choice ([`coro::choose`]) other than the first.
    Pick(u32),
    /// The earliest timer goes off, however much is ready.
    Timer,
    /// A fault of one coro.
    Fault(Fault, Number),
}

impl Choice {
    /// How much it counts: first those executions are run whose choices count least.
    pub(crate) fn cost(self) -> usize {
        match self {
            Choice::Delay(by) => by as usize,
            _ => 1,
        }
    }
}

/// A departure, and at which step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deviation {
    pub(crate) step: u32,
    pub(crate) choice: Choice,
}

/// `12s3`: at step 12, a spurious wake-up of coro 3.
impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.step)?;
        match self.choice {
            Choice::Delay(by) => write!(f, "+{by}"),
            Choice::Pick(which) => write!(f, "={which}"),
            Choice::Timer => f.write_str("t"),
            Choice::Fault(fault, coro) => write!(f, "{}{coro}", fault.letter()),
        }
    }
}

impl FromStr for Deviation {
    type Err = ();

    fn from_str(text: &str) -> Result<Deviation, ()> {
        let at = text.find(|c: char| !c.is_ascii_digit()).ok_or(())?;
        let step = text[..at].parse().map_err(|_| ())?;
        let mut rest = text[at..].chars();
        let letter = rest.next().ok_or(())?;
        let number = || rest.as_str().parse::<u32>().map_err(|_| ());
        let choice = match letter {
            '+' => Choice::Delay(number()?),
            '=' => Choice::Pick(number()?),
            't' if rest.as_str().is_empty() => Choice::Timer,
            _ => {
                let fault = Fault::ALL.into_iter().find(|f| f.letter() == letter);
                Choice::Fault(fault.ok_or(())?, number()?)
            }
        };
        Ok(Deviation { step, choice })
    }
}
