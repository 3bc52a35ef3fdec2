//! The behaviour the documents promise, a module a subject.

mod barrier;
mod callbacks;
mod channel;
mod directed;
#[cfg(target_arch = "x86_64")]
mod disassembly;
mod history;
mod idle;
mod interrupted_waits;
mod interruption;
mod join_set;
mod level_cancel;
mod life;
mod manual;
mod marks;
mod mutex;
mod once;
mod oneshot;
mod oracle;
mod panics;
mod priorities;
mod rouse;
mod rwlock;
mod safe_cancel;
mod scheduling;
mod scopes;
mod select;
mod semaphore;
mod semaphore_set;
mod shields;
mod signal;
mod stories;
mod support;
mod switches;
mod tidy;
mod unheld;
mod unwinding;
mod wait_group;
mod winders;
mod hazards {
    mod attacks;
    mod h01_h16_types;
    mod h02_teardown;
    mod h03_h04_dying;
    mod h05_panicking;
    mod h06_swallowed;
    mod h08_scopes;
    mod h15_hooks;
    mod h17_gone;
    mod h18_reentry;
    mod late_results;
}
mod programs;
mod soak;
mod specific;
mod stacks;
