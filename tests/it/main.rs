//! The behaviour the documents promise, a module a subject.

mod backtraces;
mod barrier;
mod callbacks;
mod channel;
mod deferred;
mod directed;
#[cfg(target_arch = "x86_64")]
mod disassembly;
mod fuzz;
mod history;
mod hooks;
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
mod order;
mod panics;
mod priorities;
mod report;
mod rouse;
mod rwlock;
mod safe_cancel;
mod scheduling;
mod scopes;
mod select;
mod semaphore;
mod semaphore_set;
mod shared;
mod shields;
mod signal;
mod stories;
mod stranded;
mod support;
mod switches;
mod tidy;
mod time;
mod timeouts;
mod unheld;
mod unwinding;
mod wait_group;
mod wakers;
// The names of inlined calls, which it looks for, need debug information.
#[cfg(all(feature = "watchdog", debug_assertions))]
mod watchdog;
mod winders;
mod hazards {
    mod attacks;
    mod h01_h16_types;
    mod h02_teardown;
    mod h03_h04_dying;
    mod h05_panicking;
    mod h06_swallowed;
    mod h07_abort;
    mod h08_scopes;
    mod h09_held;
    #[cfg(target_os = "linux")]
    mod h10_overflow;
    mod h13_state;
    mod h14_fork;
    mod h15_callbacks;
    mod h15_hooks;
    mod h17_gone;
    mod h18_every_call;
    mod h18_reentry;
    mod late_results;
    mod r09_foreign;
    mod table;
}
mod programs;
mod soak;
mod specific;
mod stacks;
