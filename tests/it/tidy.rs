//! The rules of the house that a text search can judge, and for each a text that breaks it.

use std::fs;
use std::path::{Path, PathBuf};

/// The files that may say `unsafe`: of the kernel, and programs that do what signal handlers do.
const UNSAFE: &[&str] = &[
    "coro/src/blocks.rs",
    "coro/src/calling.rs",
    "coro/src/control.rs",
    "coro/src/foreign.rs",
    "coro/src/kernel.rs",
    "coro/src/life.rs",
    "coro/src/locals/list.rs",
    "coro/src/overflow.rs",
    "coro/src/panic_hook.rs",
    "coro/src/probe.rs",
    "coro/src/ready_queue.rs",
    "coro/src/ready_queue/tests.rs",
    "coro/src/readying.rs",
    "coro/src/scheduler.rs",
    "coro/src/scope.rs",
    "coro/src/stack.rs",
    "coro/src/stack/guards.rs",
    "coro/src/switch.rs",
    "coro/src/task.rs",
    "coro/src/teardown.rs",
    "coro/src/watchdog/look.rs",
    "coro/src/watchdog/look/alternate.rs",
    "coro/src/watchdog/look/answer.rs",
    "coro/src/watchdog/look/signal.rs",
    "tests/programs/faults.rs",
    "tests/programs/faults/handlers.rs",
    "tests/programs/fork.rs",
    "tests/programs/watchdog.rs",
];

// What is searched for is in two parts here, so that nobody finds it in this file.

/// How unsafe code begins.
const UNSAFE_CODE: [&str; 4] = [
    concat!("unsafe", " {"),
    concat!("unsafe", " fn"),
    concat!("unsafe", " impl"),
    concat!("unsafe", " extern"),
];

/// The attribute of a test that is left out, and nobody says why.
const IGNORE: &str = concat!("#[", "ignore]");

/// Returns what is wrong with a source file.
fn breaches(path: &str, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut complain = |line: usize, what: &str| wrong.push(format!("{path}:{line}: {what}"));
    if !text.starts_with("//! ") {
        complain(1, "a file begins with a line of documentation");
    }
    let allowed = UNSAFE.contains(&path);
    let published =
        path.contains("src/") && !path.starts_with("benches/") && !path.starts_with("tests/");
    let mut docs = String::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.trim_start();
        if code.starts_with("#[cfg(test)]") {
            break;
        }
        if code.starts_with("///") {
            docs.push_str(code);
            docs.push('\n');
            continue;
        }
        let says_unsafe = UNSAFE_CODE.iter().any(|begin| code.contains(begin));
        if says_unsafe && !code.starts_with("//") && !allowed {
            complain(number + 1, "unsafe outside its files");
        }
        if code.starts_with(IGNORE) {
            complain(number + 1, "an ignored test has a reason");
        }
        if code.starts_with("pub fn ") || code.starts_with("pub const fn ") {
            if published && !docs.contains("# Switches") {
                complain(number + 1, "a public function says whether it switches");
            }
            if published && !docs.contains("# Examples") {
                complain(number + 1, "a public function has an example");
            }
        }
        if !code.starts_with("#[") && !code.starts_with("//") {
            docs.clear();
        }
    }
    wrong
}

/// Returns the Rust files below `folder`.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "target" && name != ".git" {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_file_keeps_the_rules() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ has a parent");
    let mut files = Vec::new();
    sources(top, &mut files);
    assert!(
        files.len() > 60,
        "{} files are not the whole project",
        files.len()
    );
    let mut wrong = Vec::new();
    for file in files {
        let path = file
            .strip_prefix(top)
            .expect("it is below")
            .to_string_lossy()
            .into_owned();
        wrong.extend(breaches(
            &path,
            &fs::read_to_string(&file).expect("it can be read"),
        ));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_rule_convicts_its_breach() {
    let convicts = |path: &str, text: &str, what: &str| {
        let wrong = breaches(path, text);
        assert!(
            wrong.iter().any(|w| w.contains(what)),
            "{wrong:?} lacks {what:?}"
        );
    };
    convicts("coro/src/prio.rs", "use std;\n", "begins with");
    for begin in UNSAFE_CODE {
        let text = format!("//! X.\n{begin} X {{}}\n");
        convicts("coro/src/prio.rs", &text, "unsafe outside");
        convicts("coro-channel/src/stack.rs", &text, "unsafe outside");
        convicts("tests/it/tidy.rs", &text, "unsafe outside");
        assert!(breaches("coro/src/stack.rs", &text).is_empty());
    }
    let text = format!("//! X.\n{IGNORE}\n#[test]\nfn f() {{}}\n");
    convicts("tests/it/x.rs", &text, "has a reason");
    convicts(
        "coro/src/prio.rs",
        "//! X.\n/// Does.\npub fn f() {}\n",
        "whether it switches",
    );
    let half =
        "//! X.\n/// Does.\n///\n/// # Switches\n///\n/// Never.\n#[inline]\npub fn f() {}\n";
    convicts("coro/src/prio.rs", half, "has an example");
}
