//! What a switch is: what a coro keeps while others run, and what it does not.
//!
//! # The problem
//!
//! Two trees have different shapes. Have they the same leaves, in the same order? To walk through one is
//! five lines of recursion. But here two such walks have to go side by side, a leaf of one and a leaf of
//! the other, so that a difference is seen at once and no list is made of either. Each walk has to stop
//! at every leaf, in the depth of its recursion, and go on there later.
//!
//! # The program
//!
//! A coro for each tree. Ann puts her leaves on a belt that has a place for one, Bob takes them off, and
//! compares them with his.
//!
//! ```
#![doc = include_str!("../examples/switching.rs")]
//! ```
//!
//! Nothing in `walk` is made for being interrupted: there is no list of what is still to be visited, and
//! no state to be kept. The switch keeps it.
//!
//! # What happens
//!
//! Ann and Bob take turns, leaf by leaf. Each says how deep it was *after* the other one has had a turn:
//! Ann stands 2 deep and Bob 1 deep at the first leaf, and each finds its own depth again.
//!
#![doc = include_str!("../pictures/switching.svg")]
//!
//! # How the kernel switches
//!
//! A running function keeps all it needs on a *stack*: its arguments and locals, and where to return to.
//! Each call puts a *frame* on top of the one before. Every coro has a stack of its own, and the
//! processor has a register that says where the top is, the *stack pointer*. To switch is to save a few
//! registers, and to load another stack pointer. The next return then returns into the function that
//! was left there. Nothing is copied, and nothing forgotten. This is the memory when both stand at the
//! first leaf (stacks grow downwards; the frames of the library's functions are left out):
//!
//! ```text
//!   main's stack           Ann's stack            Bob's stack
//!  ┌────────────────┐     ┌────────────────┐     ┌────────────────┐
//!  │ main           │     │ put            │     │ compare        │
//!  │ join           │     │ walk   depth 0 │     │ walk   depth 0 │
//!  │ dispatcher     │     │ walk   depth 1 │     │ walk   depth 1 │
//!  └────────────────┘     │ walk   depth 2 │     │ cede           │
//!          ▲              │ cede           │     │ registers      │
//!          │              │ registers      │     └────────────────┘ ◄─ Bob's pointer, saved
//!          │              └────────────────┘ ◄─ Ann's pointer, saved
//!  the stack pointer
//! ```
//!
//! Main stands in `join`, and in there runs the *dispatcher*: a loop that takes the next coro out of the
//! ready queue and switches to it. When that coro gives way it switches back to the loop, and never to
//! another coro. When it is main's turn the loop ends, and `join` looks whether Ann has. So any call in
//! which main blocks is where all others run.
//!
//! A stack is 256 KiB of addresses, if the [builder](coro::Builder::stack_size) does not say otherwise; it
//! costs the memory that was touched, a page of 4 KiB at least. Below it lies a page that nobody may
//! touch. A recursion that is too deep for its stack ends there: the program aborts, and says which coro
//! it was.
//!
//! # What it costs
//!
//! A switch takes 4.7 ns if it is called in the loop of the coro's own body, and 24.4 two calls deep. The
//! processor foresees where a function returns to, by remembering the calls. A switch in the body's own
//! loop looks to it like a call and its return. From two calls deep, two functions return whose calls it
//! has forgotten, as those on another stack came in between: 18 ns. Here `cede` is called from the depth of
//! a recursion, so this program pays that. Between OS threads a switch takes 1 100 ns.
//!
//! With 1 000 coros it is 5.8 ns, and with 100 000 it is 16.5: then their stacks are no longer in the
//! caches. The ready queue knows who comes next. So when it is long, the kernel asks for the memory of
//! those some places behind the head, and it is there when their turn comes.
//!
//! # The wrong version
//!
//! The borrow of the place begins a line earlier, before Ann waits for it to be free.
//!
//! ```no_run
#![doc = include_str!("../wrong/switching.rs")]
//! ```
//!
//! In production order the place is free whenever Ann comes, so `wait_until` returns at once. At the star
//! she comes to her second leaf before Bob has had a turn, and blocks: with the borrow. Then Bob only
//! wants to look whether something is there for him.
//!
//! ```text
#![doc = include_str!("../convictions/switching.txt")]
//! ```
//!
//! The guard of the borrow is a local of `put`, on Ann's stack, and waits there with her. But what it
//! guards is a flag, and that is in the `RefCell`, where everybody finds it.
//!
//! # What is whose
//!
//! | what | while others run |
//! |---|---|
//! | arguments, locals, how deep a recursion is | are the coro's own |
//! | what hangs on a local alone, as a `Box` or a `Vec` | is the coro's own |
//! | a `static`, a `thread_local!` | is everybody's: see [`coro_local`](crate::coro_local) |
//! | that a `RefCell` is borrowed | is true for everybody: who borrows it too panics |
//! | that a [`std::sync::Mutex`] is locked | is true for everybody: who locks it too stalls the OS thread, for ever |
//!
//! The last line is the worst. The one who could unlock it is a coro of the same OS thread, and
//! that stands still.
//!
//! ```
//! use std::{cell::Cell, sync::Mutex};
//!
//! thread_local!(static SHARED: Cell<u32> = const { Cell::new(0) });
//! let descend = || {
//!     let own = 1;
//!     SHARED.set(SHARED.get() + 1);
//!     coro::cede();
//!     (own, SHARED.get())
//! };
//! let both = [coro::spawn(descend), coro::spawn(descend)];
//! assert_eq!(both.map(|c| c.join().unwrap()), [(1, 2), (1, 2)]);
//!
//! static LOCK: Mutex<()> = Mutex::new(());
//! let holder = coro::spawn(|| {
//!     let _guard = LOCK.lock().unwrap();
//!     coro::cede();
//! });
//! coro::cede();
//! assert!(LOCK.try_lock().is_err()); // with `lock` nothing would ever happen again
//! holder.join().unwrap();
//! ```
//!
//! So: *no borrow of a `RefCell`, and no lock of `std`, over a call that may switch.* It is not always seen
//! where a borrow ends. In `if let`, `match` and `for` it lasts as long as the body, if it was taken in
//! the head. And a call's object comes before its arguments:
//!
//! ```
//! use std::cell::RefCell;
//!
//! let list = RefCell::new(Vec::new());
//! let is_free = || list.try_borrow().is_ok(); // in the place of something that switches
//! list.borrow_mut().push(is_free());
//! let item = is_free();
//! list.borrow_mut().push(item);
//! assert_eq!(*list.borrow(), [false, true]);
//! ```
//!
//! # Exercise
//!
//! Listeners want to hear the news, and take their time. In `exercises/switching.rs` nobody may come or go
//! meanwhile. Change `tell` so that all may be called at any time, by the listeners too.
//!
//! ```no_run
#![doc = include_str!("../exercises/switching.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::switching -- --ignored
//! ```
//!
//! `solutions/switching.rs` has our answer.
//!
//! # Source
//!
//! Conway, "Design of a separable transition-diagram compiler", 1963, has the first coroutines. The
//! problem of the trees is known as *same fringe*, and is Hewitt's; McCarthy, "Another SAMEFRINGE", 1977.
//!
//! ---
//!
//! ← [`semaphore`](crate::semaphore) · [all pages](crate)

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/switching.rs"]
mod right;
#[path = "../wrong/switching.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "switching",
    title: "What a switch is",
    problem: "Ann and Bob walk through a tree each. She puts her leaves on a belt with one place, \
              he takes them off and compares.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/switching.rs"),
    explorer: || Builder::new().spurious(0),
    verdict: Verdict::Panic,
    hints: &[
        "`put` waits for a free place, and has already borrowed it.",
        "Ann waits when she comes to a leaf and Bob has not taken the one before.",
        "Run Ann twice before Bob.",
    ],
};
