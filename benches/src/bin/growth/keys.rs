//! Workloads of things with more and more members, keys, or values.

use std::cell::Cell;
use std::rc::Rc;

use coro::{cede, schedule};
use coro_channel::JoinSet;
use coro_semaphore_set::SemaphoreSet;
use coro_specific::{Inherited, Specific, coro_local};

use crate::coros::join;
use crate::crowd::{Crowd, spawn};
use crate::workload::{
    Group, HUNDRED_THOUSAND, MILLION, Took, Workload, place, repeat, scattered, time,
};

const fn keys(name: &'static str, most: u64, run: fn(u64) -> Took) -> Workload {
    Workload::new(name, Group::Timers, most, run)
}

pub(crate) const ALL: &[Workload] = &[
    keys("join_set/spawn_join", MILLION, join_set),
    keys("semaphore_set/acquire", MILLION, acquire),
    keys("semaphore_set/new_key", MILLION, new_key),
    keys("specific/read", HUNDRED_THOUSAND, read),
    keys("specific/read_local", HUNDRED_THOUSAND, read_local),
    keys("specific/read_among", HUNDRED_THOUSAND, read_among),
    keys("specific/begin_among", HUNDRED_THOUSAND, begin_among),
    keys("specific/end_among", HUNDRED_THOUSAND, end_among),
    keys("specific/spawn_among", HUNDRED_THOUSAND, spawn_among),
    keys("specific/drop_beside", HUNDRED_THOUSAND, drop_beside),
];

/// To spawn a coro in a set and take its result, while others of the set are blocked.
fn join_set(size: u64) -> Took {
    let set = JoinSet::new();
    let others: Vec<_> = (0..size)
        .map(|_| {
            let builder = coro::Builder::new().stack_size(32 * 1024);
            set.spawn_with(builder, || {
                schedule();
                0
            })
        })
        .collect();
    cede();
    let next = || {
        let result = set.join_next().expect("the set is not empty");
        result.expect("nobody fails")
    };
    let mut sum = 0;
    let took = repeat(|_| {
        set.spawn(|| 1);
        sum += next();
    });
    assert_eq!(sum, took.ops);
    for other in others {
        other.ready();
    }
    assert_eq!((0..size).map(|_| next()).sum::<u64>(), 0);
    assert!(set.is_empty());
    took
}

/// To take and give the permit of one of the keys that are kept.
fn acquire(size: u64) -> Took {
    let set = SemaphoreSet::new(1);
    let kept: Vec<_> = (0..size).map(|key| set.sem(key)).collect();
    let mut sum = 0;
    let took = repeat(|nth| {
        let key = place(nth, size) as u64;
        sum += u64::from(*set.acquire(key).key() == key);
    });
    assert_eq!((sum, set.len() as u64), (took.ops, size));
    drop(kept);
    assert!(set.is_empty());
    took
}

/// To take and give the permit of a key that is not kept, beside those that are.
fn new_key(size: u64) -> Took {
    let set = SemaphoreSet::new(1);
    let kept: Vec<_> = (0..size).map(|key| set.sem(key)).collect();
    let mut sum = 0;
    let took = repeat(|nth| sum += u64::from(*set.acquire(size + nth).key() >= size));
    assert_eq!((sum, set.len() as u64), (took.ops, size));
    drop(kept);
    took
}

/// To read a variable of which others have values too.
fn read(size: u64) -> Took {
    let variable = Rc::new(Specific::new());
    let others: Vec<_> = (0..size)
        .map(|nth| {
            let variable = variable.clone();
            spawn(move || {
                variable.set(nth);
                schedule();
                variable.get()
            })
        })
        .collect();
    cede();
    variable.set(7);
    let mut sum = 0;
    let took = repeat(|_| sum += variable.get().unwrap_or(0));
    assert_eq!(sum, 7 * took.ops);
    for other in &others {
        other.coro().ready();
    }
    let values = others.into_iter().map(join);
    assert!(values.eq((0..size).map(Some)));
    took
}

coro_local! {
    static LOCAL: Cell<u64> = Cell::new(7);
}

/// The same with a variable of the macro.
fn read_local(size: u64) -> Took {
    let others: Vec<_> = (0..size)
        .map(|nth| {
            spawn(move || {
                LOCAL.set(nth);
                schedule();
                LOCAL.get()
            })
        })
        .collect();
    cede();
    let mut sum = 0;
    let took = repeat(|_| sum += LOCAL.get());
    assert_eq!(sum, 7 * took.ops);
    for other in &others {
        other.coro().ready();
    }
    assert!(others.into_iter().map(join).eq(0..size));
    took
}

/// So many variables. The last one goes first, so that those that are made next are the first again.
struct Variables<T: 'static>(Vec<Specific<T>>);

impl<T> Variables<T> {
    fn new(size: u64) -> Variables<T> {
        Variables((0..size).map(|_| Specific::new()).collect())
    }
}

impl<T> Drop for Variables<T> {
    fn drop(&mut self) {
        while let Some(last) = self.0.pop() {
            drop(last);
        }
    }
}

/// To read one of the variables of which this coro has values.
fn read_among(size: u64) -> Took {
    let variables = Variables::new(size);
    join(spawn(move || {
        for (variable, value) in variables.0.iter().zip(0..) {
            variable.set(value);
        }
        let (mut sum, mut expected) = (0, 0);
        let took = repeat(|nth| sum += variables.0[place(nth, size)].get().unwrap_or(0));
        (0..took.ops).for_each(|nth| expected += place(nth, size) as u64);
        assert_eq!(sum, expected);
        took
    }))
}

/// To spawn a coro that sets the last one of the variables, and ends.
fn begin_among(size: u64) -> Took {
    let variables = Rc::new(Variables::new(size));
    let mut sum = 0;
    let took = repeat(|nth| {
        let variables = variables.clone();
        sum += join(spawn(move || {
            let last = &variables.0[variables.0.len() - 1];
            last.set(nth);
            last.get().unwrap_or(0)
        }));
    });
    assert_eq!(sum, took.ops * (took.ops - 1) / 2);
    took
}

/// A coro with values ends: each of them.
fn end_among(size: u64) -> Took {
    let variables = Rc::new(Variables::<Rc<()>>::new(size));
    let value = Rc::new(());
    let (theirs, their_value) = (variables.clone(), value.clone());
    let coro = spawn(move || {
        for at in scattered(size) {
            theirs.0[at].set(their_value.clone());
        }
        schedule();
    });
    cede();
    assert_eq!(Rc::strong_count(&value) as u64, size + 2);
    let took = time(size, || {
        coro.coro().ready();
        join(coro);
    });
    assert_eq!(Rc::strong_count(&value), 1);
    took
}

/// To spawn and join from a coro that has values, of which one is inherited.
fn spawn_among(size: u64) -> Took {
    let variables = Variables::new(size);
    let handed_down = Rc::new(Inherited::new());
    join(spawn(move || {
        variables.0.iter().for_each(|variable| variable.set(1));
        handed_down.set(7);
        let mut sum = 0;
        let took = repeat(|_| {
            let handed_down = handed_down.clone();
            sum += join(spawn(move || handed_down.get().map_or(0, |value| *value)));
        });
        assert_eq!(sum, 7 * took.ops);
        took
    }))
}

/// To make a variable, set it and drop it, beside blocked coros.
fn drop_beside(size: u64) -> Took {
    let crowd = Crowd::new(size);
    let mut sum = 0;
    let took = repeat(|nth| {
        let variable = Specific::new();
        variable.set(nth);
        sum += variable.get().unwrap_or(0);
    });
    assert_eq!(sum, took.ops * (took.ops - 1) / 2);
    crowd.end();
    took
}
