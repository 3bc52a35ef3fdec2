//! The behaviour the documents promise, a module a subject.

mod directed;
mod idle;
mod interrupted_waits;
mod interruption;
mod level_cancel;
mod life;
mod life_handlers;
mod manual;
mod marks;
mod panics;
mod priorities;
mod rouse;
mod safe_cancel;
mod scheduling;
mod scopes;
mod shields;
mod support;
mod unheld;
mod unwinding;
mod winders;
