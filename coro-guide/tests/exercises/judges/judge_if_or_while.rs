//! Nobody goes on too early, and nobody waits for ever.

use std::rc::Rc;

use coro_explore::{Builder, Failure, Report};

use super::super::answers::if_or_while::Counter;

pub(crate) fn judge() -> Result<Report, Failure> {
    Builder::new().spurious(0).run(|| {
        let counter = Rc::new(Counter::new());
        let waits = [("ann", 2), ("bob", 1)].map(|(name, least)| {
            let counter = counter.clone();
            let wait = move || {
                coro::note(format_args!("waits for {least}"));
                counter.wait_for(least);
                assert!(counter.count() >= least, "{name} goes on too early");
            };
            coro::Builder::new().desc(name).spawn(wait)
        });
        coro::cede();
        let [ann, bob] = waits;
        assert!(
            ann.is_new() || !ann.is_ready(),
            "who waits does not stand in the ready queue"
        );
        coro::note("adds 1");
        counter.add(1);
        // Bob does not need more than that.
        bob.join().expect("nobody cancels it");
        coro::note("adds 1");
        counter.add(1);
        ann.join().expect("nobody cancels it");
        counter.wait_for(2); // there is nothing to wait for
        assert_eq!(counter.count(), 2);
    })
}
