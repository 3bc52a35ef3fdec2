//! No call stands between a worker's loop and the switch: the built program is taken apart.
//!
//! One frame in between costs two mispredicted returns, some 20 ns, and nothing else would tell.
//! So of each worker in `programs/worker_loop.rs` this asks: is the switch inside its own code? And
//! for each place where it switches: is there a way from there to the head of the loop, and one
//! from the head to there, on which nothing is called? Calls on other ways are the rare cases.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// How corosensei switches out, and where it is switched into: at the last of these.
const SWITCH: [&str; 4] = ["mov (%rdx),%rsp", "pop %rbp", "ret", "push %rbp"];
/// The number that is stored at the head of each loop.
const HEAD: &str = "$0x5eed1009,";

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Inlined,
    /// The switch is not in this function.
    OutOfLine,
    /// It is, but each way to it or from it calls something.
    Calls,
}

/// A function: its instructions by their addresses.
#[derive(Debug)]
struct Function(Vec<(u64, String)>);

impl Function {
    fn verdict(&self) -> Verdict {
        let switches: Vec<usize> = (0..self.0.len()).filter(|at| self.switches(*at)).collect();
        if switches.is_empty() {
            return Verdict::OutOfLine;
        }
        let is_head = |at: &usize| self.0[*at].1.contains(HEAD);
        let heads: Vec<usize> = (0..self.0.len()).filter(is_head).collect();
        let from_heads = self.reached(heads);
        let is_free = |switch: &usize| {
            let resumed = switch + SWITCH.len() - 1;
            from_heads.contains(switch) && self.reached([resumed]).iter().any(is_head)
        };
        if switches.iter().all(is_free) {
            Verdict::Inlined
        } else {
            Verdict::Calls
        }
    }

    /// Returns `true` if the switch begins here.
    fn switches(&self, at: usize) -> bool {
        let texts = self.0.iter().skip(at).map(|(_, text)| text.as_str());
        texts.take(SWITCH.len()).eq(SWITCH)
    }

    /// Returns all instructions on ways from these on which nothing is called.
    fn reached(&self, from: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let mut reached: Vec<usize> = from.into_iter().collect();
        let mut seen = 0;
        while let Some(at) = reached.get(seen).copied() {
            for next in self.next(at) {
                if !reached.contains(&next) {
                    reached.push(next);
                }
            }
            seen += 1;
        }
        reached
    }

    /// Returns where a way goes on after an instruction; nowhere after a call, or out of here.
    fn next(&self, at: usize) -> Vec<usize> {
        let (_, text) = &self.0[at];
        let (operation, operands) = text.split_once(' ').unwrap_or((text, ""));
        let following = Some(at + 1).filter(|at| *at < self.0.len());
        let target = || {
            let address = operands.split_whitespace().next()?;
            let address = u64::from_str_radix(address, 16).ok()?;
            self.0.binary_search_by_key(&address, |(at, _)| *at).ok()
        };
        let next = match operation {
            // Of the switch: the way goes on where it is switched into.
            "ret" if at >= 2 && self.switches(at - 2) => [following, None],
            "call" | "ret" | "ud2" | "hlt" | "int3" => [None, None],
            "jmp" => [target(), None],
            _ if operation.starts_with('j') => [target(), following],
            _ => [following, None],
        };
        next.into_iter().flatten().collect()
    }
}

/// Reads what objdump prints: functions by their names without the path.
fn parse(listing: &str) -> BTreeMap<String, Function> {
    let mut functions = BTreeMap::new();
    let mut current: Option<&mut Function> = None;
    for line in listing.lines() {
        if let Some(name) = line
            .split_once(" <")
            .and_then(|(_, n)| n.strip_suffix(">:"))
        {
            let name = name.strip_prefix("worker_loop::").unwrap_or(name);
            let function = functions.entry(name.to_owned());
            current = Some(function.or_insert_with(|| Function(Vec::new())));
        } else if let (Some(function), Some((address, text))) = (&mut current, line.split_once(':'))
            && let Ok(address) = u64::from_str_radix(address.trim(), 16)
        {
            let words: Vec<_> = text.split_whitespace().collect();
            function.0.push((address, words.join(" ")));
        }
    }
    functions
}

/// Builds the program for release, and takes it apart; `None` if there is no objdump.
fn functions() -> Option<&'static BTreeMap<String, Function>> {
    static FUNCTIONS: OnceLock<Option<BTreeMap<String, Function>>> = OnceLock::new();
    FUNCTIONS
        .get_or_init(|| {
            if !has_objdump() {
                eprintln!("skipped: no objdump on this system");
                return None;
            }
            let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("disassembly");
            let built = Command::new(env!("CARGO"))
                .args(["build", "--release", "--offline", "--bin", "worker_loop"])
                .args([
                    "--manifest-path",
                    concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
                ])
                .arg("--target-dir")
                .arg(&target)
                // What is tested is what ships, whatever this test was built with.
                .env_remove("RUSTFLAGS")
                .env_remove("CARGO_ENCODED_RUSTFLAGS")
                .env_remove("CARGO_BUILD_TARGET")
                .output()
                .expect("cargo runs");
            let said = String::from_utf8_lossy(&built.stderr);
            assert!(built.status.success(), "{said}");
            let listing = Command::new("objdump")
                .args([
                    "--disassemble",
                    "--demangle",
                    "--no-show-raw-insn",
                    "--wide",
                ])
                .arg(target.join("release/worker_loop"))
                .output()
                .expect("objdump runs");
            assert!(listing.status.success(), "{listing:?}");
            Some(parse(&String::from_utf8_lossy(&listing.stdout)))
        })
        .as_ref()
}

fn has_objdump() -> bool {
    let mut objdump = Command::new("objdump");
    match objdump.arg("--version").stdout(Stdio::null()).status() {
        Ok(status) => status.success(),
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) => panic!("{error}"),
    }
}

#[track_caller]
fn verdict(name: &str) -> Option<Verdict> {
    let function = functions()?.get(name);
    let function = function.unwrap_or_else(|| panic!("{name} is not in the program"));
    Some(function.verdict())
}

#[test]
fn no_call_stands_between_a_worker_loop_and_the_switch() {
    for worker in [
        "worker_loop_cede",
        "worker_loop_down_up",
        "worker_loop_acquire",
        "worker_loop_get",
        "worker_loop_put",
        "worker_loop_wait",
        "worker_loop_lock",
        "worker_loop_read",
        "worker_loop_write",
    ] {
        if let Some(verdict) = verdict(worker) {
            assert_eq!(verdict, Verdict::Inlined, "{worker}");
        }
    }
}

#[test]
fn a_frame_in_between_is_found() {
    if let Some(verdict) = verdict("twin_loop_frame") {
        assert_eq!(verdict, Verdict::OutOfLine);
    }
}

#[test]
fn a_call_in_between_is_found() {
    if let Some(verdict) = verdict("twin_loop_call") {
        assert_eq!(verdict, Verdict::Calls);
    }
}
