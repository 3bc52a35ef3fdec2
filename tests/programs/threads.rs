//! Ten thousand OS threads one after another, each with a kernel: their memory goes back.
//!
//! Prints the resident pages and the number of mappings after a tenth of them and at the end. The
//! argument says in how many of them a coro is left parked: that one leaks, and nothing else.

use std::fs::{read, read_to_string};

use coro::{Builder, cede, schedule, spawn};

fn one_thread(leave_one: bool) {
    let coros: Vec<_> = (0..20).map(|i| spawn(move || i)).collect();
    let small = Builder::new().stack_size(16 * 1024).spawn(cede);
    cede();
    for c in coros {
        c.join().expect("it just returns");
    }
    small.join().expect("it just returns");
    let parked = spawn(schedule);
    cede();
    if leave_one {
        // The handle goes first; the coro is only alive because nothing switches any more.
        drop(parked);
    } else {
        parked.cancel();
    }
}

/// Returns the resident pages, the mapped pages and the mappings of this process.
fn memory() -> [usize; 3] {
    let statm = read_to_string("/proc/self/statm").expect("Linux");
    let pages: Vec<usize> = statm
        .split(' ')
        .filter_map(|n| n.trim().parse().ok())
        .collect();
    let maps = read("/proc/self/maps").expect("Linux");
    [
        pages[1],
        pages[0],
        maps.iter().filter(|b| **b == b'\n').count(),
    ]
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|a| a.parse().ok());
    let (Some(threads), Some(leaving)) = (arguments.next(), arguments.next()) else {
        panic!("arguments: the number of threads, and how many of them leave a coro");
    };
    let threads: usize = threads;
    let leaving: usize = leaving;
    for i in 0..threads {
        let leave_one = i * leaving / threads != (i + 1) * leaving / threads;
        std::thread::spawn(move || one_thread(leave_one))
            .join()
            .expect("it does not panic");
        if i + 1 == threads / 10 || i + 1 == threads {
            let [resident, mapped, mappings] = memory();
            println!("{resident} {mapped} {mappings}");
        }
    }
}
