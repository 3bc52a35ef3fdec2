//! The programs, all of which do the same: a worker waits for what main holds, then adds.

use std::fs;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::cargo::{Crate, Dependency, Lto, succeed};

/// A program that is built and run.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    what: &'static str,
    dependencies: &'static [Dependency],
    source: &'static str,
}

/// The first is what the sizes of the others are compared with.
pub(crate) const ALL: &[Program] = &[
    Program {
        name: EMPTY,
        what: "nothing",
        dependencies: &[],
        source: include_str!("programs/empty.rs"),
    },
    Program {
        name: "threads",
        what: "std Mutex, an OS thread",
        dependencies: &[],
        source: include_str!("programs/threads.rs"),
    },
    Program {
        name: "coro",
        what: "Semaphore, a coro",
        dependencies: &[
            ("coro", "{ path = \"WORKSPACE/coro\" }"),
            (
                "coro-semaphore",
                "{ path = \"WORKSPACE/coro-sync/semaphore\" }",
            ),
        ],
        source: include_str!("programs/coro.rs"),
    },
    Program {
        name: "tokio",
        what: "Semaphore, a task",
        dependencies: &[(
            "tokio",
            "{ version = \"1\", default-features = false, features = [\"rt\", \"sync\"] }",
        )],
        source: include_str!("programs/tokio.rs"),
    },
    Program {
        name: "smol",
        what: "Semaphore, a task",
        dependencies: &[
            (
                "async-executor",
                "{ version = \"1\", default-features = false }",
            ),
            ("async-lock", "{ version = \"3\" }"),
            (
                "futures-lite",
                "{ version = \"2\", default-features = false, features = [\"std\"] }",
            ),
        ],
        source: include_str!("programs/smol.rs"),
    },
    Program {
        name: "may",
        what: "Semphore, a coroutine",
        dependencies: &[("may", "{ version = \"0.3\", default-features = false }")],
        source: include_str!("programs/may.rs"),
    },
    Program {
        name: "async-unsync",
        what: "Semaphore, a future, an executor of ten lines",
        dependencies: &[("async-unsync", "{ version = \"0.3\" }")],
        source: include_str!("programs/unsync.rs"),
    },
];

/// What the sizes of the others are compared with.
pub(crate) const EMPTY: &str = "empty";

/// What a program costs.
#[derive(Debug)]
pub(crate) struct Measured {
    /// What it is, with the versions of what it uses by name.
    pub(crate) what: String,
    /// How many crates were compiled besides itself.
    pub(crate) crates: usize,
    pub(crate) plain: Cost,
    pub(crate) lto: Cost,
}

/// What it costs with one profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// The shortest clean build.
    pub(crate) time: Duration,
    /// What the processors had to do for the least of them; of all processes, so zero where the
    /// system does not say.
    pub(crate) work: Duration,
    /// Bytes of the stripped program.
    pub(crate) bytes: u64,
}

impl Program {
    /// Builds it so many times with each profile, and sees that it does its work.
    ///
    /// # Errors
    ///
    /// If it cannot be built or fails: the last lines of what it or cargo says.
    pub(crate) fn measure(&self, rounds: u32) -> Result<Measured, String> {
        let folder = TempDir::new().map_err(|error| error.to_string())?;
        let sources = [("main.rs", self.source)];
        let program = Crate::new(folder.path().to_owned(), self.dependencies, &sources)?;
        let mut crates = Default::default();
        let mut cost = |lto| -> Result<Cost, String> {
            let (mut time, mut work) = (Duration::MAX, Duration::MAX);
            let mut bytes = 0;
            for _ in 0..rounds {
                let built = program.build(lto)?;
                time = time.min(built.time);
                work = work.min(built.work);
                crates = built.crates;
                let path = built.programs.join("footprint");
                succeed(&mut Command::new(&path))?;
                bytes = fs::metadata(&path)
                    .map_err(|error| error.to_string())?
                    .len();
            }
            Ok(Cost { time, work, bytes })
        };
        let (plain, lto) = (cost(Lto::Off)?, cost(Lto::Fat)?);
        let by_name = |name: &&str| {
            let named = |id: &&String| id.rsplit_once(' ').is_some_and(|(id, _)| id == *name);
            crates.iter().find(named).cloned()
        };
        let names = self.dependencies.iter().map(|(name, _)| name);
        let versions: Vec<_> = names.filter_map(by_name).collect();
        let versions = versions.join(", ");
        let colon = if versions.is_empty() { "" } else { ": " };
        Ok(Measured {
            what: format!("{versions}{colon}{}", self.what),
            crates: crates.len(),
            plain,
            lto,
        })
    }
}
