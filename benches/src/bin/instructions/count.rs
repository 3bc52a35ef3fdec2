//! Counting, by cachegrind, in processes of their own.
//!
//! A process does so many operations, another twice as many, and what the second took more is what
//! they took: so starting, setting up and ending do not show. Cachegrind looks at instructions only,
//! so unlike callgrind it need not know of stacks, nor whose frame it is in.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::{Counted, Failure};

/// As many as a batch of any workload, or a multiple; both numbers have as many digits, so that the
/// two processes differ in nothing else.
const FEW: u64 = 100_000;
const MANY: u64 = 2 * FEW;

/// Counts the instructions of this program's own operations.
#[derive(Debug)]
pub(crate) struct Counter {
    program: PathBuf,
}

impl Counter {
    /// # Errors
    ///
    /// If there is no valgrind.
    pub(crate) fn new() -> Result<Self, Failure> {
        let program = env::current_exe()?;
        let mut version = Command::new("valgrind");
        version.arg("--version").stdout(Stdio::null());
        match version.status() {
            Ok(status) if status.success() => Ok(Self { program }),
            Ok(status) => Err(Failure::Odd(format!("valgrind --version: {status}"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Failure::NoValgrind),
            Err(error) => Err(Failure::Odd(format!("valgrind: {error}"))),
        }
    }

    /// Returns what the counts depend on besides the sources: compiler, processor, and profile.
    ///
    /// # Errors
    ///
    /// If the compiler does not say what it is.
    pub(crate) fn build(&self) -> Result<String, Failure> {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let text = output(Command::new(&rustc).arg("-V"), &rustc)?.0;
        let profile = if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        };
        Ok(format!("{}, {}, {profile}", text.trim(), env::consts::ARCH))
    }

    /// Counts for each of these, as many at a time as the machine has processors.
    ///
    /// # Errors
    ///
    /// If one of them cannot be counted.
    pub(crate) fn count_all(&self, ids: &[&str]) -> Result<Vec<Counted>, Failure> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let Some(id) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push(self.count(id)?);
            }
            Ok(done)
        };
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let rows: Result<Vec<_>, Failure> = thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            workers
                .into_iter()
                .map(|worker| worker.join().expect("a worker returns its failures"))
                .collect()
        });
        let mut rows: Vec<Counted> = rows?.into_iter().flatten().collect();
        rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
        Ok(rows)
    }

    /// Counts for one operation of the workload `id`.
    fn count(&self, id: &str) -> Result<Counted, Failure> {
        let (few, few_took) = self.run(id, FEW)?;
        let (many, many_took) = self.run(id, MANY)?;
        let odd = || Failure::Odd(format!("{id}: twice the work is not more work"));
        let more = many.checked_sub(few).filter(|more| *more > 0);
        let took = many_took.checked_sub(few_took);
        let (more, took) = more.zip(took).ok_or_else(odd)?;
        Ok(Counted {
            id: id.to_owned(),
            instructions: took as f64 / more as f64,
        })
    }

    /// Returns how many operations it did, and how many instructions the whole process took.
    fn run(&self, id: &str, operations: u64) -> Result<(u64, u64), Failure> {
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=cachegrind", "--cache-sim=no", "--branch-sim=no"])
            .arg("--cachegrind-out-file=/dev/null")
            .arg(&self.program)
            .args(["--one", id, &operations.to_string()]);
        let (said, told) = output(&mut command, OsStr::new("valgrind"))?;
        let done = said.trim().parse().ok();
        let counted = told.lines().find_map(instructions);
        done.zip(counted)
            .ok_or_else(|| Failure::Odd(format!("valgrind told no count for {id}: {told}")))
    }
}

/// Reads a line such as `==7== I   refs:      1,234,567`, or as later versions write it, without the
/// spaces in the middle.
fn instructions(line: &str) -> Option<u64> {
    let (name, number) = line.rsplit_once(':')?;
    let mut words = name.split_whitespace().skip(1);
    if (words.next(), words.next(), words.next()) != (Some("I"), Some("refs"), None) {
        return None;
    }
    number.trim().replace(',', "").parse().ok()
}

/// Runs it to its end, and returns what it printed and what it told on standard error.
fn output(command: &mut Command, name: &OsStr) -> Result<(String, String), Failure> {
    let name = name.display();
    let output = command
        .output()
        .map_err(|error| Failure::Odd(format!("{name}: {error}")))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, told) = (text(&output.stdout), text(&output.stderr));
    if !output.status.success() {
        return Err(Failure::Odd(format!("{name}: {}: {told}", output.status)));
    }
    Ok((said, told))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_found_in_what_old_and_new_valgrinds_tell() {
        assert_eq!(
            instructions("==7== I   refs:      1,234,567"),
            Some(1_234_567)
        );
        assert_eq!(instructions("==7== I refs:        12"), Some(12));
        assert_eq!(instructions("==7== I1  misses:        12"), None);
        assert_eq!(instructions("==7== D   refs:        12"), None);
        assert_eq!(instructions("==7== I   refs:   nothing"), None);
        assert_eq!(instructions(""), None);
    }
}
