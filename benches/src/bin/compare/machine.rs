//! What it was measured on.

use std::fs;
use std::process::Command;

/// The processor, the system, the compiler and the commit, in a line.
pub(crate) fn described() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("", |rest| rest.trim_start_matches(['\t', ' ', ':']));
    let cores = cpu.lines().filter(|l| l.starts_with("processor")).count();
    let kernel = said("uname", &["-sr"]);
    let rustc = said("rustc", &["--version"]);
    let commit = said(
        "git",
        &[
            "-C",
            env!("CARGO_MANIFEST_DIR"),
            "describe",
            "--always",
            "--dirty",
        ],
    );
    format!("{model}, {cores} cores; {kernel}; {rustc}; commit {commit}")
}

/// What a program says in its first line, or that it said nothing.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let text = text.unwrap_or_default();
    let line = text.lines().next().unwrap_or_default().trim();
    if line.is_empty() { "unknown" } else { line }.to_owned()
}
