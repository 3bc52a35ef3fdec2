//! The product in Perl: programs of ours, run by the `perl` that is installed, if one is.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use super::{CAPACITY, Jobs, Refusal};
use crate::matrix::{Factors, Matrix};

/// One of the programs in `benches/perl/`, with the part they have in common in front.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Script(&'static str);

/// Plain Perl, one dot product after the other.
pub(crate) const SEQUENTIAL: Script = Script(concat!(
    include_str!("../../../../perl/common.pl"),
    include_str!("../../../../perl/sequential.pl")
));
/// Coro's coros and channels.
pub(crate) const CORO: Script = Script(concat!(
    include_str!("../../../../perl/common.pl"),
    include_str!("../../../../perl/coro.pl")
));
/// Perl's interpreter threads and `Thread::Queue`.
pub(crate) const ITHREADS: Script = Script(concat!(
    include_str!("../../../../perl/common.pl"),
    include_str!("../../../../perl/ithreads.pl")
));

/// A program that takes longer than this is ended by its own alarm clock, and reported so.
const PATIENCE: Duration = Duration::from_secs(120);

/// Multiplies `repeat` times, and returns each time and product.
///
/// Perl measures, so that its start and the reading of the factors do not count.
///
/// # Errors
///
/// [`Refusal::Missing`] if there is no `perl`, or it lacks what the script uses; [`Refusal::Failed`] if the script ran
/// and did not do what it should.
pub(crate) fn multiply(
    script: Script,
    factors: &Factors,
    jobs: Jobs,
    workers: usize,
    repeat: usize,
) -> Result<Vec<(Duration, Matrix)>, Refusal> {
    let n = factors.rows();
    assert!(
        n == factors.inner() && n == factors.columns(),
        "the scripts multiply squares"
    );
    let numbers = [n, workers, repeat, CAPACITY].map(|x| x.to_string());
    let output = run(
        Command::new("perl")
            .args([OsStr::new("-e"), OsStr::new(script.0), OsStr::new("--")])
            .arg(jobs.name())
            .args(numbers)
            .arg(PATIENCE.as_secs().to_string()),
        &encode(factors),
    );
    let output = match output {
        Ok(output) => output,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Refusal::Missing("no perl in PATH".into()));
        }
        Err(error) => return Err(Refusal::Failed(format!("perl: {error}"))),
    };
    if !output.status.success() {
        return Err(why(&output));
    }
    decode(&output.stdout, n, repeat).ok_or_else(|| {
        Refusal::Failed(format!(
            "{} bytes of answer where {repeat} products were asked for",
            output.stdout.len()
        ))
    })
}

/// Runs a command with `input` on its standard input.
fn run(command: &mut Command, input: &[u8]) -> io::Result<Output> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().expect("it was asked to be a pipe");
    // A script that ends early breaks the pipe; its status and words tell more than our error would.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output()
}

/// A, then B, each number as the 8 bytes it is: no digits are lost on the way.
fn encode(factors: &Factors) -> Vec<u8> {
    let (a, b) = (factors.a().values(), factors.b().values());
    a.iter().chain(b).flat_map(|x| x.to_le_bytes()).collect()
}

/// For each repeat the seconds, then the product, in the same form.
fn decode(answer: &[u8], n: usize, repeat: usize) -> Option<Vec<(Duration, Matrix)>> {
    let (numbers, rest) = answer.as_chunks::<8>();
    let numbers: Vec<f64> = numbers.iter().map(|x| f64::from_le_bytes(*x)).collect();
    if !rest.is_empty() || numbers.len() != repeat * (1 + n * n) {
        return None;
    }
    numbers
        .chunks(1 + n * n)
        .map(|chunk| {
            let time = Duration::try_from_secs_f64(chunk[0]).ok()?;
            Some((time, Matrix::new(n, n, chunk[1..].to_vec())))
        })
        .collect()
}

/// Turns what a failed script said into one line.
fn why(output: &Output) -> Refusal {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        const SIGALRM: i32 = 14;
        if output.status.signal() == Some(SIGALRM) {
            return Refusal::Failed(format!("no answer in {} s", PATIENCE.as_secs()));
        }
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().next().unwrap_or_default().trim();
    if line.starts_with("Can't locate ") {
        // The rest of the line lists the places where perl looked.
        let module = line.split_whitespace().nth(2).unwrap_or_default();
        return Refusal::Missing(format!("no {module}"));
    }
    if line.contains("not built to support threads") {
        return Refusal::Missing("this perl has no ithreads".into());
    }
    Refusal::Failed(format!("{}: {line}", output.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_the_wrong_length_is_none() {
        let bytes: Vec<u8> = [0.5, 7.0]
            .iter()
            .flat_map(|x: &f64| x.to_le_bytes())
            .collect();
        let answer = decode(&bytes, 1, 1).unwrap();
        assert_eq!(answer[0].0, Duration::from_millis(500));
        assert_eq!(answer[0].1, Matrix::new(1, 1, vec![7.0]));
        assert!(decode(&bytes[1..], 1, 1).is_none());
        assert!(decode(&[&bytes[..], b"."].concat(), 1, 1).is_none());
        assert!(decode(&bytes[8..], 1, 1).is_none());
        assert!(decode(&bytes, 1, 2).is_none());
    }

    #[test]
    fn a_time_that_is_none_makes_no_answer() {
        let bytes: Vec<u8> = [-0.5, 7.0]
            .iter()
            .flat_map(|x: &f64| x.to_le_bytes())
            .collect();
        assert!(decode(&bytes, 1, 1).is_none());
    }
}
