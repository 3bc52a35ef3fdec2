//! One judge for each exercise: it explores a program that uses the answer.

pub(crate) mod barber;
pub(crate) mod barrier;
pub(crate) mod between_switches;
pub(crate) mod bounded_buffer;
pub(crate) mod cancellation;
pub(crate) mod channels;
pub(crate) mod coro_local;
pub(crate) mod deadlines;
pub(crate) mod dining;
pub(crate) mod forgotten_up;
pub(crate) mod h2o;
pub(crate) mod if_or_while;
pub(crate) mod locks;
pub(crate) mod lost_update;
pub(crate) mod priorities;
pub(crate) mod readers_writers;
pub(crate) mod ready_queue;
pub(crate) mod rendezvous;
pub(crate) mod semaphore;
pub(crate) mod smokers;
pub(crate) mod switching;
