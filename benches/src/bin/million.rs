//! A million coros, each blocked in mid-run, and what they cost.
//!
//! Each has a stack of its own. All of them run until they block, are readied and block once more,
//! are readied and run to their end, where each gives back its own number. If the system has not
//! got so many stacks, those who have one do the same, and the rest say why not.

use std::fmt::{self, Write as _};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use coro::{Builder, JoinError, JoinHandle, cede, schedule};
use serde::Serialize;

/// Blocks a million coros in mid-run, and measures memory and time.
#[derive(Debug, Parser)]
#[command(name = "million", version)]
struct Args {
    /// How many coros
    #[arg(long, value_name = "N", default_value = "1000000", value_parser = clap::value_parser!(u32).range(1..))]
    n: u32,

    /// The stack of each, in KiB
    #[arg(long, value_name = "KIB", default_value = "32", value_parser = clap::value_parser!(u32).range(16..=1 << 20))]
    stack: u32,

    /// Prints one object instead of text
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(shortfall)) => {
            eprintln!("million: {shortfall}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("million: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> io::Result<Option<Shortfall>> {
    let (measured, shortfall) = measure(args)?;
    let mut stdout = io::stdout().lock();
    if args.json {
        serde_json::to_writer(&mut stdout, &measured)?;
        writeln!(stdout)?;
    } else {
        write!(stdout, "{measured}")?;
    }
    Ok(shortfall)
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Measured {
    /// How many were spawned.
    n: u32,
    /// How many of them ran.
    ran: u32,
    /// How many came to their end and gave back their own number.
    ended: u32,
    stack_kib: u32,
    /// What all of them hold of memory while they are blocked, their handles included.
    rss_bytes: u64,
    /// What the page tables for it hold.
    pte_bytes: u64,
    /// Memory and page tables for each; null if not all of them ran.
    bytes_each: Option<u64>,
    /// Mappings of the process.
    mappings: usize,
    /// Nanoseconds for a coro: to spawn it.
    spawn_ns: f64,
    /// To give it a stack, and run it until it blocks.
    first_run_ns: f64,
    /// To ready it.
    ready_ns: f64,
    /// To switch to it; it blocks again.
    switch_ns: f64,
    /// To ready it, run it to its end, and take its result.
    end_ns: f64,
}

/// Not all coros have run.
struct Shortfall {
    missing: u32,
    why: Option<JoinError>,
    ran: u32,
    ended: u32,
}

fn measure(args: &Args) -> io::Result<(Measured, Option<Shortfall>)> {
    let n = args.n;
    let mut coros: Vec<JoinHandle<u32>> = Vec::with_capacity(n as usize);
    let before = Memory::now()?;

    let start = Instant::now();
    coros.extend((0..n).map(|number| spawn(number, args.stack)));
    let spawning = start.elapsed();

    // Main is queued behind all of them, so this lets each run until it blocks.
    let first_run = time(cede);
    let missing = coros.iter().filter(|coro| coro.is_finished()).count() as u32;
    let blocked = Memory::now()?;

    let readying = time(|| ready(&coros));
    let switching = time(cede);

    let mut ended = 0;
    let mut why = None;
    let ending = time(|| {
        ready(&coros);
        cede();
        for (number, coro) in (0..n).zip(coros.drain(..)) {
            match coro.join() {
                Ok(result) => ended += u32::from(result == number),
                Err(error) => why = Some(error),
            }
        }
    });

    let ran = n - missing;
    let each = |time: Duration, count: u32| time.as_nanos() as f64 / f64::from(count.max(1));
    let rss_bytes = blocked.rss.saturating_sub(before.rss);
    let pte_bytes = blocked.pte.saturating_sub(before.pte);
    let measured = Measured {
        n,
        ran,
        ended,
        stack_kib: args.stack,
        rss_bytes,
        pte_bytes,
        bytes_each: (missing == 0).then(|| (rss_bytes + pte_bytes) / u64::from(n)),
        mappings: blocked.mappings,
        spawn_ns: each(spawning, n),
        first_run_ns: each(first_run, ran),
        ready_ns: each(readying, ran),
        switch_ns: each(switching, ran),
        end_ns: each(ending, ran),
    };
    let shortfall = (ended < n).then_some(Shortfall {
        missing,
        why,
        ran,
        ended,
    });
    Ok((measured, shortfall))
}

/// Spawns a coro that blocks twice and returns its number.
fn spawn(number: u32, stack_kib: u32) -> JoinHandle<u32> {
    let stack = stack_kib as usize * 1024;
    Builder::new().stack_size(stack).spawn(move || {
        schedule();
        schedule();
        number
    })
}

fn ready(coros: &[JoinHandle<u32>]) {
    for coro in coros {
        coro.ready();
    }
}

fn time(action: impl FnOnce()) -> Duration {
    let start = Instant::now();
    action();
    start.elapsed()
}

/// What the system says of this process.
struct Memory {
    rss: u64,
    pte: u64,
    mappings: usize,
}

impl Memory {
    fn now() -> io::Result<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        Ok(Self {
            rss: kilobytes(&status, "VmRSS:")? * 1024,
            pte: kilobytes(&status, "VmPTE:")? * 1024,
            mappings: lines("/proc/self/maps")?,
        })
    }
}

/// Counts lines; allocates little, as at the limit of mappings there may be little to be had.
fn lines(path: &str) -> io::Result<usize> {
    let mut file = BufReader::new(File::open(path)?);
    let mut count = 0;
    while file.skip_until(b'\n')? > 0 {
        count += 1;
    }
    Ok(count)
}

fn kilobytes(status: &str, name: &str) -> io::Result<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| io::Error::other(format!("/proc/self/status has no {name}")))
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gigabytes = |bytes: u64| bytes as f64 / 1e9;
        writeln!(
            f,
            "{} coros with stacks of {} KiB, all blocked in mid-run:",
            grouped(self.ran),
            self.stack_kib
        )?;
        write!(
            f,
            "  {:.2} GB resident + {:.2} GB of page tables = {:.2} GB",
            gigabytes(self.rss_bytes),
            gigabytes(self.pte_bytes),
            gigabytes(self.rss_bytes + self.pte_bytes)
        )?;
        if let Some(bytes) = self.bytes_each {
            write!(f, ": {bytes} bytes each")?;
        }
        writeln!(f)?;
        writeln!(f, "  {} mappings", self.mappings)?;
        writeln!(
            f,
            "  each: spawn {:.0} ns, first run {:.0} ns, ready {:.0} ns, switch {:.0} ns, end {:.0} ns",
            self.spawn_ns, self.first_run_ns, self.ready_ns, self.switch_ns, self.end_ns
        )
    }
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ran = grouped(self.ran);
        if self.missing > 0 {
            write!(f, "{} coros could not run", grouped(self.missing))?;
            match &self.why {
                Some(why) if why.is_no_stack() => write!(f, ": {why}")?,
                Some(why) => write!(f, ", and not for want of a stack: {why}")?,
                None => {}
            }
            f.write_char('\n')?;
        }
        if self.ended == self.ran {
            write!(
                f,
                "nothing lost: the {ran} that ran have ended and given their results"
            )
        } else {
            let ended = grouped(self.ended);
            write!(f, "LOST: {ran} ran, but only {ended} gave their results")
        }
    }
}

/// Writes a number with spaces between its thousands.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}
