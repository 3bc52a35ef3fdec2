//! Each gets what the other one brings to the same meeting, and nobody leaves before both are there.

use std::cell::Cell;
use std::rc::Rc;

use coro_explore::{Builder, Failure, Report};

use super::super::answers::rendezvous::Swap;

const MEETINGS: usize = 3;

pub(crate) fn judge() -> Result<Report, Failure> {
    Builder::new().run(|| {
        let swap = Rc::new(Swap::default());
        let came = Rc::new([const { [const { Cell::new(false) }; 2] }; MEETINGS]);
        let friends = ["ann", "bob"].map(|name| {
            let (swap, came) = (swap.clone(), came.clone());
            let me = usize::from(name == "bob");
            coro::Builder::new().desc(name).spawn(move || {
                for (meeting, came) in (1..).zip(came.iter()) {
                    came[me].set(true);
                    let got = swap.swap(me, bag(me, meeting));
                    coro::note(format_args!("has {got}"));
                    assert!(came[1 - me].get(), "the other one is not there yet");
                    assert_eq!(got, bag(1 - me, meeting), "what the other one brings");
                }
            })
        });
        for friend in friends {
            friend.join().expect("nobody cancels it");
        }
    })
}

/// Ann brings 11, 12, 13, Bob 21, 22, 23.
fn bag(of: usize, meeting: u32) -> u32 {
    [10, 20][of] + meeting
}
