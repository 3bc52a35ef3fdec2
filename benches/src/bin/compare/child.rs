//! The asking side: a peer's process.

use std::fmt;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::workload::Workload;

/// A peer's process, which ends with this.
pub(crate) struct Child {
    process: std::process::Child,
    ask: Option<ChildStdin>,
    answers: Receiver<String>,
    errors: Option<JoinHandle<String>>,
    patience: Duration,
}

/// Why a peer did not do what it was asked to.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It did not answer for so long.
    Hung(Duration),
    /// It ended; with what it said of that.
    Ended(String),
    /// It said something that is no answer.
    Unclear(String),
    /// The system refused something.
    System(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hung(time) => write!(f, "no answer within {} s", time.as_secs()),
            Self::Ended(said) => write!(f, "ended: {said}"),
            Self::Unclear(line) => write!(f, "answered `{line}`"),
            Self::System(error) => write!(f, "{error}"),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// A peer's answer; None: it has nothing like that workload.
type Answer<T> = Result<Option<T>, Failure>;

impl Child {
    /// Starts a peer, on the last processor alone if it is to have one.
    pub(crate) fn start(
        mut command: Command,
        processors: usize,
        patience: Duration,
    ) -> Result<Self, Failure> {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = on_processors(processors, || command.spawn())?;
        let pipes = (
            process.stdin.take(),
            process.stdout.take(),
            process.stderr.take(),
        );
        let (Some(ask), Some(output), Some(mut errors)) = pipes else {
            return Err(io::Error::other("a child has pipes").into());
        };
        let (said, answers) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if said.send(line).is_err() {
                    break;
                }
            }
        });
        let errors = thread::spawn(move || {
            let mut all = Vec::new();
            // What came before an error counts too.
            let _ = errors.read_to_end(&mut all);
            String::from_utf8_lossy(&all).into_owned()
        });
        Ok(Self {
            process,
            ask: Some(ask),
            answers,
            errors: Some(errors),
            patience,
        })
    }

    /// Lets it do a workload, at least so many operations; returns the nanoseconds of one.
    pub(crate) fn run(&mut self, workload: Workload, ops: u64) -> Answer<Sample> {
        let answer = self.ask(&format!("run {} {ops}", workload.name()))?;
        let words: Vec<_> = answer.split(' ').collect();
        let took = match words[..] {
            ["none"] => return Ok(None),
            ["took", ops, nanos] => ops.parse::<u64>().ok().zip(nanos.parse::<u64>().ok()),
            _ => None,
        };
        match took {
            Some((ops, nanos)) if ops > 0 => Ok(Some(Sample { ops, nanos })),
            _ => Err(Failure::Unclear(answer)),
        }
    }

    /// Lets it block so many tasks; returns the bytes of memory and page tables that it then has.
    pub(crate) fn block(&mut self, count: u64) -> Answer<u64> {
        match &*self.ask(&format!("block {count}"))? {
            "none" => Ok(None),
            answer if answer == format!("blocked {count}") => {
                let memory = memory_of(self.process.id())?;
                match &*self.ask("go")? {
                    "ended" => Ok(Some(memory)),
                    answer => Err(Failure::Unclear(answer.to_owned())),
                }
            }
            answer => Err(Failure::Unclear(answer.to_owned())),
        }
    }

    fn ask(&mut self, question: &str) -> Result<String, Failure> {
        if let Some(ask) = &mut self.ask {
            // If it has ended, that is told below.
            let _ = writeln!(ask, "{question}").and_then(|()| ask.flush());
        }
        match self.answers.recv_timeout(self.patience) {
            Ok(answer) => Ok(answer),
            Err(RecvTimeoutError::Timeout) => Err(Failure::Hung(self.patience)),
            Err(RecvTimeoutError::Disconnected) => Err(self.last_words()),
        }
    }

    fn last_words(&mut self) -> Failure {
        self.ask = None;
        let status = match self.process.wait() {
            Ok(status) => status,
            Err(error) => return Failure::System(error),
        };
        let said = self.errors.take().map(JoinHandle::join);
        let said = said.and_then(Result::ok).unwrap_or_default();
        // Of a panic: where and why.
        let said: Vec<_> = said.lines().filter(|l| !l.is_empty()).take(2).collect();
        Failure::Ended(format!("{status}: {}", said.join(" ")))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.ask = None;
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a peer measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) ops: u64,
    pub(crate) nanos: u64,
}

impl Sample {
    /// Nanoseconds for an operation.
    pub(crate) fn each(self) -> f64 {
        self.nanos as f64 / self.ops as f64
    }
}

/// Does this where only so many processors, the last ones, may be used: a child inherits that.
fn on_processors<T>(count: usize, start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let all = sched_getaffinity(None)?;
    let mut some = CpuSet::new();
    let last = (0..CpuSet::MAX_CPU).rev().filter(|&cpu| all.is_set(cpu));
    last.take(count).for_each(|cpu| some.set(cpu));
    sched_setaffinity(None, &some)?;
    let started = start();
    sched_setaffinity(None, &all)?;
    started
}

/// Returns the bytes of resident memory and of page tables of a process.
fn memory_of(process: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let kib_of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok())
    };
    let kib = kib_of("VmRSS:").zip(kib_of("VmPTE:"));
    kib.map(|(resident, tables)| (resident + tables) * 1024)
        .ok_or_else(|| io::Error::other("a process has VmRSS and VmPTE in its status"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Child {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Child::start(command, 1, Duration::from_millis(500)).unwrap()
    }

    fn failure(script: &str) -> String {
        let answer = shell(script).run(Workload::Yield2, 1);
        answer.unwrap_err().to_string()
    }

    #[test]
    fn what_was_measured_is_understood() {
        let sample = shell("read q; [ \"$q\" = 'run yield2 1' ] && echo took 4 10")
            .run(Workload::Yield2, 1)
            .unwrap();
        assert_eq!(sample.unwrap().each(), 2.5);
        assert!(
            shell("read q; echo none")
                .run(Workload::Yield2, 1)
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_peer_that_dies_is_told_with_its_last_words() {
        let said = failure("echo 'no stack left' >&2; exit 3");
        assert_eq!(said, "ended: exit status: 3: no stack left");
    }

    #[test]
    fn a_peer_that_hangs_is_told_and_does_not_outlive_us() {
        let mut child = shell("exec sleep 1000");
        let why = child.run(Workload::Yield2, 1).unwrap_err();
        assert!(matches!(why, Failure::Hung(_)));
        let process = child.process.id();
        drop(child);
        assert!(memory_of(process).is_err());
    }

    #[test]
    fn an_answer_that_is_none_is_told() {
        for answer in ["took 0 10", "took 1", "took one 2", "blocked 1", "hello"] {
            assert_eq!(
                failure(&format!("read q; echo {answer}")),
                format!("answered `{answer}`")
            );
        }
    }

    #[test]
    fn a_child_has_the_processors_that_it_is_to_have() {
        let before = sched_getaffinity(None).unwrap();
        let allowed = "grep Cpus_allowed_list /proc/self/status | grep -c '[,-]'";
        let count =
            |script| shell(&format!("read q; echo took 1 1$({script})")).run(Workload::Yield2, 1);
        assert_eq!(count(allowed).unwrap().unwrap().nanos, 10);
        let after = sched_getaffinity(None).unwrap();
        assert_eq!(after, before, "we keep what we had");
    }
}
