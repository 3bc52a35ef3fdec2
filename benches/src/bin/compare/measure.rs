//! Measures peers in turn, so that whatever the machine does hits all alike.

use std::process::Command;
use std::time::Duration;

use indicatif::ProgressBar;

use crate::child::{Child, Failure};
use crate::peers::Peer;
use crate::workload::Workload;

/// How patiently it is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Samples of each peer.
    pub(crate) rounds: u32,
    /// How long a sample is to be.
    pub(crate) sample: Duration,
    /// How long a peer may take to answer.
    pub(crate) answer: Duration,
}

/// What came of a workload by a peer.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Nanoseconds, or bytes, for an operation: the least, and the median.
    Measured { least: f64, median: f64 },
    /// The peer has nothing like it.
    None,
    /// It failed, and how.
    Failed(String),
}

/// Measures a workload by all these peers.
pub(crate) fn measure(
    workload: Workload,
    peers: &[Peer],
    start: impl Fn(Peer) -> Result<Command, String>,
    patience: Patience,
    progress: &ProgressBar,
) -> Vec<(Peer, Outcome)> {
    let started = |peer| {
        start(peer).and_then(|command| {
            let processors = if workload.takes_two() { 2 } else { 1 };
            Child::start(command, processors, patience.answer).map_err(|why| why.to_string())
        })
    };
    if workload == Workload::MemBlocked {
        return peers
            .iter()
            .map(|&peer| {
                let outcome = memory(|| started(peer));
                progress.inc(patience.rounds.into());
                (peer, outcome.unwrap_or_else(Outcome::Failed))
            })
            .collect();
    }
    let mut racers: Vec<_> = peers
        .iter()
        .map(|&peer| Racer::new(peer, workload, started(peer), patience.sample))
        .collect();
    for round in 0..patience.rounds as usize {
        // Each comes first once, and last.
        for place in 0..racers.len() {
            let racer = &mut racers[(round + place) % peers.len()];
            racer.sample(workload);
            progress.inc(1);
        }
    }
    racers.into_iter().map(Racer::outcome).collect()
}

struct Racer {
    peer: Peer,
    state: Result<Option<Child>, String>,
    ops: u64,
    samples: Vec<f64>,
}

impl Racer {
    /// Finds out how many operations take long enough, which warms up too.
    fn new(
        peer: Peer,
        workload: Workload,
        child: Result<Child, String>,
        sample: Duration,
    ) -> Racer {
        let mut ops = 1;
        let enough = sample.as_nanos() as u64;
        let state = child.and_then(|mut child| {
            loop {
                match child.run(workload, ops) {
                    Ok(Some(took)) if took.nanos >= enough / 2 => return Ok(Some(child)),
                    Ok(Some(took)) => {
                        let times = enough / took.nanos.max(1);
                        ops = took.ops.max(ops) * times.clamp(2, 100);
                    }
                    Ok(None) => return Ok(None),
                    Err(why) => return Err(why.to_string()),
                }
            }
        });
        Racer {
            peer,
            state,
            ops,
            samples: Vec::new(),
        }
    }

    fn sample(&mut self, workload: Workload) {
        if let Ok(Some(child)) = &mut self.state {
            match child.run(workload, self.ops) {
                Ok(Some(took)) => self.samples.push(took.each()),
                Ok(None) => self.state = Ok(None),
                Err(why) => self.state = Err(why.to_string()),
            }
        }
    }

    fn outcome(mut self) -> (Peer, Outcome) {
        self.samples.sort_by(f64::total_cmp);
        let outcome = match (self.state, &self.samples[..]) {
            (Err(why), _) => Outcome::Failed(why),
            (Ok(Some(_)), &[least, ..]) => Outcome::Measured {
                least,
                median: self.samples[self.samples.len() / 2],
            },
            (Ok(_), _) => Outcome::None,
        };
        (self.peer, outcome)
    }
}

/// What one more blocked task takes: many beside few, each in a process of its own, so that what a
/// runtime takes for itself does not count.
fn memory(start: impl Fn() -> Result<Child, String>) -> Result<Outcome, String> {
    const FEW: u64 = 1_000;
    const MANY: u64 = 10_000;
    let all = |count| {
        start()?
            .block(count)
            .map_err(|why: Failure| why.to_string())
    };
    let (Some(few), Some(many)) = (all(FEW)?, all(MANY)?) else {
        return Ok(Outcome::None);
    };
    let each = many.saturating_sub(few) as f64 / (MANY - FEW) as f64;
    Ok(Outcome::Measured {
        least: each,
        median: each,
    })
}
