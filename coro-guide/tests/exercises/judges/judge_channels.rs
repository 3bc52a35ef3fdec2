//! Nobody holds up the other, no job is lost or done twice, and each is passed on when it comes.

use std::rc::Rc;

use coro::{JoinHandle, Prio};
use coro_channel::{Channel, select};
use coro_explore::{Builder, Failure, Report};

use super::super::answers::channels::share_out;

pub(crate) fn judge() -> Result<Report, Failure> {
    let explorer = Builder::new().spurious(0).delays(4);
    // Whoever cedes goes before those of a lower priority. So, with these, the desk has to block.
    for prio in [Prio::LOW, Prio::NORMAL] {
        explorer.run(move || one_is_slow(0, prio))?;
        explorer.run(move || one_is_slow(1, prio))?;
    }
    explorer.run(each_is_passed_on_when_it_comes)
}

type Jobs = Rc<Channel<u32>>;

/// Returns the channel to the desk, those to the workers, and the desk.
fn open() -> (Jobs, [Jobs; 2], JoinHandle<()>) {
    let jobs = Rc::new(Channel::bounded(1));
    let ann = Rc::new(Channel::bounded(1));
    let bob = Rc::new(Channel::bounded(1));
    let workers = [ann.clone(), bob.clone()];
    let theirs = jobs.clone();
    let share_out = move || share_out(&theirs, &ann, &bob);
    let desk = coro::Builder::new().desc("desk").spawn(share_out);
    (jobs, workers, desk)
}

/// One begins only when the other has nothing more to do.
fn one_is_slow(slow: usize, prio: Prio) {
    let (jobs, workers, desk) = open();
    let source = move || {
        (1..=4).for_each(|job| jobs.put(job));
        jobs.shutdown();
    };
    let source = coro::Builder::new().desc("source").spawn(source);
    let (fast, slow) = (workers[1 - slow].clone(), workers[slow].clone());
    let work = move || {
        let mut done = Vec::new();
        while let Some(job) = fast.get() {
            done.push(job);
        }
        done
    };
    let fast = coro::Builder::new().desc("fast").prio(prio).spawn(work);
    let mut done = fast.join().expect("nobody cancels it");
    assert!(done.is_sorted(), "the jobs keep their order: {done:?}");
    let waiting = slow.len();
    assert!(waiting <= 1, "there is room for one job, not {waiting}");
    done.extend(slow.iter());
    done.sort_unstable();
    assert_eq!(done, [1, 2, 3, 4], "each job is done once");
    for coro in [source, desk] {
        coro.join().expect("nobody cancels it");
    }
}

fn each_is_passed_on_when_it_comes() {
    let (jobs, [ann, bob], desk) = open();
    for job in 1..=2 {
        jobs.put(job);
        let got = select! {
            job = ann.get_arm() => job,
            job = bob.get_arm() => job,
        };
        assert_eq!(got, Some(job), "the job that has just come");
    }
    jobs.shutdown();
    assert_eq!([ann.get(), bob.get()], [None, None], "no more will come");
    desk.join().expect("nobody cancels it");
}
