//! The peers that are programs in other languages, where those are installed.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::peers::Peer;

/// The folder of this package, where the sources of those programs are.
const SOURCES: &str = env!("CARGO_MANIFEST_DIR");

/// Builds a peer into this folder if it has to be built, and returns how it is started.
///
/// # Errors
///
/// If it is not installed or cannot be built; the text says what the compiler said.
pub(crate) fn command(peer: Peer, folder: &Path) -> io::Result<Command> {
    let source = |path: &str| Path::new(SOURCES).join(path);
    let program = folder.join(peer.name());
    match peer {
        Peer::Go => {
            let mut go = Command::new("go");
            go.current_dir(source("go"));
            go.args(["build", "-o"]).arg(&program).arg(".");
            build(go)?;
            let mut command = Command::new(program);
            command.env("GOMAXPROCS", "1");
            Ok(command)
        }
        Peer::BoostFiber => {
            let mut gcc = Command::new("g++");
            gcc.args(["-O2", "-std=c++17", "-o"]).arg(&program);
            gcc.arg(source("cpp/compare.cpp"));
            gcc.args(["-lboost_fiber", "-lboost_context", "-pthread"]);
            build(gcc)?;
            Ok(Command::new(program))
        }
        Peer::PerlCoro => {
            let mut perl = Command::new("perl");
            perl.args(["-MCoro", "-e1"]);
            build(perl)?;
            let mut command = Command::new("perl");
            command.arg(source("perl/compare.pl"));
            Ok(command)
        }
        _ => {
            let mut command = Command::new(this_program()?);
            command.args(["--serve", &peer.name()]);
            Ok(command)
        }
    }
}

/// This program, which is most peers too.
fn this_program() -> io::Result<PathBuf> {
    std::env::current_exe()
}

fn build(mut command: Command) -> io::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| match error.kind() {
        ErrorKind::NotFound => io::Error::other(format!("{name} is not installed")),
        _ => error,
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let why = said.lines().find(|line| line.contains("error"));
    let why = why.or(said.lines().next()).unwrap_or("it said nothing");
    Err(io::Error::other(format!("{name}: {why}")))
}
