//! Coro-local variables: each coro sees its own value, which is dropped once, by the right coro.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::JoinHandle;
use coro_explore::{Builder, finally};
use coro_specific::{Inherited, Specific, coro_local};

/// Explores all within the budgets.
#[track_caller]
fn explore(name: &str, builder: &Builder, body: impl Fn() + Send + Sync + 'static) {
    let builder = builder.clone().name(name).max_executions(1_000_000);
    let report = builder.check(body);
    println!("specific, {name}: {report}");
    assert!(report.is_exhaustive());
}

fn faults() -> Builder {
    Builder::new().spurious(2).throws(1).cancels(1)
}

fn named<T: 'static>(desc: &str, f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    coro::Builder::new().desc(desc).spawn(f)
}

/// What became of all values.
#[derive(Default)]
struct Book {
    made: Cell<u32>,
    dropped: Cell<u32>,
    /// Those that another coro dropped than the one that they are of.
    abroad: Cell<u32>,
}

impl Book {
    /// All values are dropped when all is over, each at home.
    fn new() -> Rc<Book> {
        let book = Rc::new(Book::default());
        let seen = book.clone();
        finally(move || {
            assert_eq!(seen.made.get(), seen.dropped.get(), "made, and dropped");
            assert_eq!(seen.abroad.get(), 0, "dropped by others");
        });
        book
    }

    fn value(self: &Rc<Book>, number: u32) -> Value {
        self.made.set(self.made.get() + 1);
        Value {
            number,
            home: coro::current().id(),
            book: self.clone(),
        }
    }
}

struct Value {
    number: u32,
    home: u64,
    book: Rc<Book>,
}

impl Drop for Value {
    fn drop(&mut self) {
        let book = &self.book;
        book.dropped.set(book.dropped.get() + 1);
        let is_abroad = coro::current().id() != self.home;
        book.abroad.set(book.abroad.get() + u32::from(is_abroad));
    }
}

fn number(variable: &Specific<Value>) -> Option<u32> {
    variable.with(|value| value.map(|value| value.number))
}

// Hazards: the value of another coro is seen after a switch; a coro is struck between two steps; its
// place goes to a coro that is made later.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn each_coro_has_its_own_value() {
    explore("own", &faults().spurious(1), || {
        let (book, variable) = (Book::new(), Rc::new(Specific::new()));
        let worker = |n: u32| {
            let (book, variable) = (book.clone(), variable.clone());
            named("worker", move || {
                assert_eq!(number(&variable), None);
                variable.set(book.value(n));
                coro::cede();
                let old = variable.replace(book.value(n + 10));
                assert_eq!(old.map(|old| old.number), Some(n));
                coro::cede();
                assert_eq!(number(&variable), Some(n + 10));
                let old = variable.take();
                coro::cede();
                assert_eq!((number(&variable), old.unwrap().number), (None, n + 10));
                variable.set(book.value(n + 20));
            })
        };
        let workers = [worker(1), worker(2)];
        variable.set(book.value(0));
        workers.into_iter().for_each(|c| _ = c.join());
        assert_eq!(number(&variable), Some(0));
        _ = worker(3).join();
    });
}

// A reference is out while others run and change theirs.
#[test]
fn a_value_stays_where_it_is_while_it_is_lent() {
    explore("lent", &faults(), || {
        let (book, variable) = (Book::new(), Rc::new(Specific::new()));
        let theirs = (book.clone(), variable.clone());
        let borrower = named("borrower", move || {
            let (book, variable) = theirs;
            variable.set(book.value(1));
            variable.with(|value| {
                let value = value.unwrap();
                coro::cede();
                assert_eq!(value.number, 1);
                coro::cede();
                assert_eq!(value.number, 1);
            });
        });
        let theirs = (book.clone(), variable.clone());
        let other = named("other", move || {
            let (book, variable) = theirs;
            (2..4).for_each(|n| {
                variable.set(book.value(n));
                coro::cede();
            });
            drop(variable.take());
        });
        _ = (borrower.join(), other.join());
    });
}

/// A value whose destructor lets others run, and then puts in another one.
struct Again {
    left: u8,
    variable: Rc<Specific<Again>>,
    _value: Value,
}

impl Again {
    fn set(left: u8, variable: &Rc<Specific<Again>>, book: &Rc<Book>) {
        variable.set(Again {
            left,
            variable: variable.clone(),
            _value: book.value(0),
        });
    }
}

impl Drop for Again {
    fn drop(&mut self) {
        coro::cede();
        if let Some(left) = self.left.checked_sub(1) {
            Again::set(left, &self.variable, &self._value.book);
        }
    }
}

// Hazards: the coro is struck in the destructor of its value; what that puts in stays; a handler of
// its end finds a value.
#[test]
fn what_a_destructor_puts_in_is_dropped_too() {
    let builder = faults().spurious(0);
    for (name, builder) in [
        ("again", builder.clone()),
        (
            "again, safe",
            builder.clone().throws(0).cancels(0).safe_cancels(2),
        ),
        ("again, overdue", builder.throws(0).cancels(0).timeouts(2)),
    ] {
        explore(name, &builder, || {
            let (book, variable) = (Book::new(), Rc::new(Specific::new()));
            let left = Rc::new(Cell::new(0));
            let workers = [0, 1].map(|again| {
                let (book, variable, left) = (book.clone(), variable.clone(), left.clone());
                named("worker", move || {
                    let (seen, mine) = (variable.clone(), left.clone());
                    coro::current().on_destroy(move || {
                        let is_left = seen.with(|value| value.is_some());
                        mine.set(mine.get() + u32::from(is_left));
                    });
                    Again::set(again, &variable, &book);
                    coro::cede();
                })
            });
            workers.into_iter().for_each(|c| _ = c.join());
            assert_eq!(left.get(), 0);
        });
    }
}

/// Its destructor lets others run.
struct Slow(Rc<Cell<u32>>);

impl Drop for Slow {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
        coro::cede();
    }
}

// Hazard: the coro ends while its value is dropped by others.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn values_go_with_their_variable() {
    explore("variable", &faults().spurious(1), || {
        let dropped = Rc::new(Cell::new(0));
        let made = Rc::new(Cell::new(0));
        let variable = Rc::new(Specific::new());
        let workers = [1, 2].map(|_| {
            let (variable, made, dropped) = (variable.clone(), made.clone(), dropped.clone());
            named("worker", move || {
                made.set(made.get() + 1);
                variable.set(Slow(dropped));
                drop(variable);
                coro::cede();
                coro::cede();
            })
        });
        coro::cede();
        let is_last = Rc::strong_count(&variable) == 1;
        drop(variable);
        if is_last {
            assert_eq!(made.get(), dropped.get());
        }
        workers.into_iter().for_each(|c| _ = c.join());
        finally(move || assert_eq!(made.get(), dropped.get()));
    });
}

coro_local! {
    static NUMBER: Cell<u32> = seven();
    static NAMES: RefCell<Vec<u32>> = RefCell::default();
}

// Hazard: the coro is struck in the destructor of its old value, and has none.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_new_value_is_there_before_the_old_one_goes() {
    explore("set", &faults(), || {
        let dropped = Rc::new(Cell::new(0));
        let variable = Rc::new(Specific::new());
        let (theirs, count) = (variable.clone(), dropped.clone());
        let worker = named("worker", move || {
            theirs.set((1, Slow(count.clone())));
            let second = (2, Slow(count.clone()));
            let set = coro::catch(|| theirs.set(second));
            let value = theirs.with(|value| value.map(|value| value.0));
            assert_eq!((value, count.get()), (Some(2), 1));
            drop(set);
        });
        let theirs = variable.clone();
        let other = named("other", move || {
            theirs.set((3, Slow(Rc::default())));
            coro::cede();
            assert_eq!(theirs.with(|value| value.unwrap().0), 3);
        });
        if worker.join().is_ok() {
            assert_eq!(dropped.get(), 2);
        }
        _ = other.join();
    });
}

fn seven() -> Cell<u32> {
    coro::cede();
    Cell::new(7)
}

// Hazards: a coro is struck in the initialiser; another one runs it meanwhile.
#[test]
fn an_initialiser_that_was_interrupted_runs_again() {
    explore("init", &faults().spurious(0).throws(2), || {
        let workers = [1, 2].map(|n| {
            named("worker", move || {
                let first = coro::catch(|| NUMBER.get());
                let second = first.or_else(|_| coro::catch(|| NUMBER.get()));
                assert_eq!(second.unwrap_or_else(|_| NUMBER.get()), 7);
                NUMBER.set(n);
                NAMES.with_borrow_mut(|names| names.push(n));
                coro::cede();
                assert_eq!((NUMBER.get(), NAMES.take()), (n, vec![n]));
            })
        });
        workers.into_iter().for_each(|c| _ = c.join());
    });
}

// Hazards: a coro sees what its maker has set since; the last one that has a value is struck.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_coro_inherits_the_value_that_its_maker_had() {
    explore("inherit", &faults().spurious(1), || {
        let variable = Rc::new(Inherited::new());
        let live = Rc::new(());
        let seen = live.clone();
        finally(move || assert_eq!(Rc::strong_count(&seen), 1));
        let number = |variable: &Inherited<(u32, Rc<()>)>| variable.get().map(|value| value.0);
        variable.set((1, live.clone()));
        let workers = [10, 20].map(|n| {
            let (theirs, mine) = (variable.clone(), live.clone());
            let worker = named("worker", move || {
                coro::cede();
                assert_eq!(number(&theirs), Some(n / 10));
                let inner = theirs.clone();
                let child = named("child", move || number(&inner));
                theirs.set((n, mine));
                assert_eq!(child.join().unwrap_or(Some(n / 10)), Some(n / 10));
                assert_eq!(number(&theirs), Some(n));
            });
            assert_eq!(number(&variable), Some(n / 10));
            variable.set((n / 10 + 1, live.clone()));
            worker
        });
        drop(live);
        workers.into_iter().for_each(|c| _ = c.join());
        assert_eq!(number(&variable), Some(3));
        drop(variable.take());
    });
}
