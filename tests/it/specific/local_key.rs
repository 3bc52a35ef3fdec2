//! Coro-local variables that are statics, as `coro_local!` declares them.

use std::cell::{Cell, RefCell};

use coro::{Builder, cede, current, spawn};
use coro_specific::coro_local;

use crate::specific::{KEPT, REVIVED, me};
use crate::support::{Log, counted};

mod statics {
    use super::{Cell, RefCell, coro_local, current};

    coro_local! {
        /// A comment is an attribute.
        #[cfg(any())]
        pub(super) static COUNT: no_such::Type = no_such_value;
        pub(super) static COUNT: Cell<u32> = Cell::new(1);
        #[allow(dead_code, reason = "an attribute")]
        static HIDDEN: u8 = 0;
        pub(super) static WORDS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
        pub static OWNER: u64 = current().id()
    }
}

#[test]
fn a_static_has_a_value_in_each_coro() {
    use statics::{COUNT, OWNER, WORDS};
    coro_local! {
        static CELL: Cell<u8> = panic!("set does not ask for it");
        static REF_CELL: RefCell<u8> = panic!("set does not ask for it");
    }
    CELL.set(1);
    REF_CELL.set(2);
    assert_eq!((CELL.get(), REF_CELL.take()), (1, 2));
    let c = spawn(|| {
        assert_eq!((COUNT.replace(5), COUNT.take(), COUNT.get()), (1, 5, 0));
        WORDS.with_borrow_mut(|words| words.push("c"));
        cede();
        COUNT.set(6);
        assert_eq!(WORDS.with_borrow(Vec::len), 1);
        (
            COUNT.get(),
            WORDS.replace(vec![]),
            OWNER.with(|owner| *owner),
        )
    });
    cede();
    assert_eq!(COUNT.get(), 1);
    WORDS.set(vec!["main", "too"]);
    let id = c.id();
    assert_eq!(c.join().unwrap(), (6, vec!["c"], id));
    assert_eq!(WORDS.take(), ["main", "too"]);
    assert!(WORDS.take().is_empty());
    assert_eq!(OWNER.with(|owner| *owner), current().id());
}

#[test]
fn a_statics_value_goes_with_its_coro_and_a_destructor_gets_a_new_one() {
    struct Asks(Log);
    impl Drop for Asks {
        fn drop(&mut self) {
            self.0.say(format!("{} in {}", REVIVED.replace(9), me()));
        }
    }
    coro_local!(static ASKS: RefCell<Option<Asks>> = RefCell::new(None));
    let log = Log::new();
    let (value, drops) = counted();
    let c = Builder::new().desc("c").spawn(move || {
        REVIVED.set(4);
        KEPT.with_borrow_mut(|kept| kept.push(value));
        ASKS.set(Some(Asks(log)));
        ASKS.with_borrow(|asks| assert!(asks.is_some()));
    });
    c.join().unwrap();
    assert_eq!(drops.get(), 1);
    log.expect(["0 in c"]);
}
