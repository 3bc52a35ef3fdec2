//! A small crate in a folder of its own, and cargo to build it.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

/// What the crate needs of another: its name, and the rest of the line in the manifest.
pub(crate) type Dependency = (&'static str, &'static str);

/// How many of its last lines a failure is told with.
const LAST: usize = 12;

/// Whether all crates are optimised as one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lto {
    /// The default of release builds: each crate by itself.
    Off,
    Fat,
}

/// A crate on the disk.
#[derive(Debug)]
pub(crate) struct Crate {
    folder: PathBuf,
}

/// What came of a build.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) time: Duration,
    /// What the processors did meanwhile for it.
    pub(crate) work: Duration,
    /// The crates that were compiled, this one not among them, as `tokio 1.2.3`.
    pub(crate) crates: BTreeSet<String>,
    /// Where the programs are.
    pub(crate) programs: PathBuf,
}

impl Crate {
    /// Writes a crate that depends on these, and sees that what it depends on is on the disk.
    ///
    /// # Errors
    ///
    /// The last lines of cargo's.
    pub(crate) fn new(
        folder: PathBuf,
        dependencies: &[Dependency],
        sources: &[(&str, &str)],
    ) -> Result<Self, String> {
        let this = Self { folder };
        this.write(dependencies, sources)
            .map_err(|error| error.to_string())?;
        // What is on the disk will do; else somebody must go and get it, for this system only.
        let host = host()?;
        let fetch = |more: &[&str]| this.cargo("fetch", more, None);
        fetch(&["--offline", "--target", &host]).or_else(|_| fetch(&["--target", &host]))?;
        Ok(this)
    }

    fn write(&self, dependencies: &[Dependency], sources: &[(&str, &str)]) -> io::Result<()> {
        let workspace = workspace();
        let mut manifest = String::from(
            "[package]\nname = \"footprint\"\nedition = \"2024\"\n[workspace]\n\
             [profile.release]\nstrip = true\n[dependencies]\n",
        );
        for (name, rest) in dependencies {
            let rest = rest.replace("WORKSPACE", &workspace.display().to_string());
            manifest.push_str(&format!("{name} = {rest}\n"));
        }
        fs::create_dir_all(self.folder.join("src/bin"))?;
        fs::write(self.folder.join("Cargo.toml"), manifest)?;
        for (path, text) in sources {
            fs::write(self.folder.join("src").join(path), text)?;
        }
        // So that what both need is of the same version.
        fs::copy(workspace.join("Cargo.lock"), self.folder.join("Cargo.lock"))?;
        Ok(())
    }

    /// Builds it from nothing, without the network.
    ///
    /// # Errors
    ///
    /// The last lines of cargo's.
    pub(crate) fn build(&self, lto: Lto) -> Result<Built, String> {
        let target = self.folder.join("target");
        if target.exists() {
            fs::remove_dir_all(&target).map_err(|error| error.to_string())?;
        }
        let (start, before) = (Instant::now(), work());
        let arguments = ["--release", "--offline", "--message-format=json"];
        let output = self.cargo("build", &arguments, Some(lto))?;
        Ok(Built {
            time: start.elapsed(),
            work: work().saturating_sub(before),
            crates: crates(&String::from_utf8_lossy(&output.stdout)),
            programs: target.join("release"),
        })
    }

    fn cargo(&self, what: &str, more: &[&str], lto: Option<Lto>) -> Result<Output, String> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(&cargo);
        command.arg(what).args(more).current_dir(&self.folder);
        for (name, _) in env::vars_os().filter(|(name, _)| changes_a_build(name)) {
            command.env_remove(name);
        }
        if let Some(Lto::Fat) = lto {
            command.env("CARGO_PROFILE_RELEASE_LTO", "fat");
        }
        succeed(&mut command)
    }
}

/// Returns what the compiler says of itself.
///
/// # Errors
///
/// If there is none.
pub(crate) fn rustc(question: &str) -> Result<String, String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = succeed(Command::new(rustc).arg(question))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Returns the system that the compiler builds for.
fn host() -> Result<String, String> {
    let said = rustc("-vV")?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("the compiler has no host")?.to_owned())
}

/// Runs it, and returns its output.
///
/// # Errors
///
/// If it fails: how, and its last lines.
pub(crate) fn succeed(command: &mut Command) -> Result<Output, String> {
    let name = command.get_program().display().to_string();
    let output = command
        .output()
        .map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = told.lines().collect();
    let last = &lines[lines.len().saturating_sub(LAST)..];
    Err(format!("{name}: {}\n{}", output.status, last.join("\n")))
}

/// Returns how long processors have worked for processes that this one has started and that have
/// ended; nothing where the system does not say.
fn work() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    Duration::from_millis(10 * ticks(&stat).unwrap_or_default())
}

/// Reads the sixteenth and the seventeenth word, in hundredths of a second. The second word may have
/// spaces in it, but ends with the last parenthesis.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut words = rest.split(' ').skip(13);
    let (user, system): (u64, u64) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some(user + system)
}

/// Returns the folder of the workspace that this program is of.
fn workspace() -> &'static Path {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR"));
    benches.parent().expect("the benches are a member of it")
}

/// Whether the variable would make a build another than that of everybody.
fn changes_a_build(name: &OsString) -> bool {
    let name = name.to_string_lossy();
    let kept = ["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR"];
    let ours = name.starts_with("CARGO_") && !kept.iter().any(|kept| name.starts_with(kept));
    ours || name == "RUSTFLAGS"
}

/// Reads from cargo's messages which crates were compiled, the crate itself not among them.
fn crates(messages: &str) -> BTreeSet<String> {
    let name = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        if message["reason"] != "compiler-artifact" {
            return None;
        }
        named(message["package_id"].as_str()?)
    };
    messages.lines().filter_map(name).collect()
}

/// Reads `path+file:///somewhere/coro#0.1.0` and `registry+https://host#tokio@1.2.3` as `coro 0.1.0`
/// and `tokio 1.2.3`; `None` for the crate itself.
fn named(id: &str) -> Option<String> {
    let (place, last) = id.rsplit_once('#')?;
    let folder = place.rsplit('/').next().unwrap_or_default();
    let (name, version) = last.split_once('@').unwrap_or((folder, last));
    (name != "footprint").then(|| format!("{name} {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_named_wherever_they_are_from() {
        let registry = "registry+https://github.com/rust-lang/crates.io-index#tokio@1.2.3";
        assert_eq!(named(registry).unwrap(), "tokio 1.2.3");
        assert_eq!(named("path+file:///a/coro#0.1.0").unwrap(), "coro 0.1.0");
        let renamed = "path+file:///a/semaphore#coro-semaphore@0.1.0";
        assert_eq!(named(renamed).unwrap(), "coro-semaphore 0.1.0");
        assert_eq!(named("path+file:///tmp/x#footprint@0.0.0"), None);
    }

    #[test]
    fn the_work_of_children_is_in_words_sixteen_and_seventeen() {
        let stat = "1 (a) b) S 4 5 6 7 8 9 10 11 12 13 14 15 160 170 18 19";
        assert_eq!(ticks(stat), Some(330));
        assert_eq!(ticks("1 (a) S"), None);
    }

    #[test]
    fn what_the_user_has_set_for_builds_is_left_out_and_where_crates_are_is_not() {
        for name in ["CARGO_TARGET_DIR", "CARGO_PROFILE_RELEASE_LTO", "RUSTFLAGS"] {
            assert!(changes_a_build(&name.into()), "{name}");
        }
        for name in [
            "CARGO",
            "CARGO_HOME",
            "CARGO_NET_OFFLINE",
            "PATH",
            "RUSTUP_HOME",
        ] {
            assert!(!changes_a_build(&name.into()), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_fails_is_told_with_its_last_lines() {
        let failure = succeed(Command::new("sh").args(["-c", "seq 100 >&2; exit 3"])).unwrap_err();
        assert!(failure.starts_with("sh: exit status: 3\n89\n"), "{failure}");
        assert!(failure.ends_with("\n100"), "{failure}");
    }
}
