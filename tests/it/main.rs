//! The behaviour the documents promise, a module a subject.

mod directed;
#[cfg(target_arch = "x86_64")]
mod disassembly;
mod idle;
mod interrupted_waits;
mod interruption;
mod level_cancel;
mod life;
mod life_handlers;
mod manual;
mod marks;
mod oracle;
mod panics;
mod priorities;
mod rouse;
mod safe_cancel;
mod scheduling;
mod scopes;
mod shields;
mod support;
mod switches;
mod tidy;
mod unheld;
mod unwinding;
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
}
mod programs;
mod soak;
mod stacks;
