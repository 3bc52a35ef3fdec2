//! The ring beside a model of it, in every position.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::{Deref, Range};

use super::*;
use crate::Builder;

type Model = [VecDeque<Coro>; Prio::COUNT];

/// Coros that never run, for entries.
struct Unborn(Vec<Coro>);

impl Deref for Unborn {
    type Target = [Coro];

    fn deref(&self) -> &[Coro] {
        &self.0
    }
}

impl Drop for Unborn {
    fn drop(&mut self) {
        // Else they were left to be reaped at a switch that does not come.
        self.0.iter().for_each(Coro::cancel);
    }
}

fn coros(count: usize) -> Unborn {
    let coro = |_| Builder::new().build(|| ()).coro().clone();
    Unborn((0..count).map(coro).collect())
}

/// Gives an empty ring a buffer of that size, all of which is free.
fn resize(ring: &Ring, capacity: usize) {
    assert!(ring.is_empty());
    ring.release();
    let layout = Layout::array::<Entry>(capacity).unwrap();
    // SAFETY: the layout is not of zero size.
    let buffer: *mut Entry = unsafe { alloc::alloc(layout) }.cast();
    for at in [&ring.head, &ring.tail, &ring.start] {
        at.set(buffer);
    }
    for at in [&ring.limit, &ring.end] {
        at.set(buffer.wrapping_add(capacity));
    }
}

fn small_queue(capacity: usize) -> ReadyQueue {
    let queue = ReadyQueue::new();
    queue.rings.iter().for_each(|ring| resize(ring, capacity));
    queue
}

/// Empties the queue and gives its memory back.
fn finish(queue: &ReadyQueue, coros: &[Coro]) {
    while queue.pop().is_some() {}
    queue.leave();
    for ring in &queue.rings {
        assert!(ring.start.get().is_null() && ring.capacity() == 0);
    }
    let held = coros.iter().map(|c| c.control().handle_count());
    assert!(held.eq(coros.iter().map(|_| 1)), "a count was lost or kept");
}

fn offset(ring: &Ring, at: &Cell<*mut Entry>) -> usize {
    let bytes = at.get().addr().wrapping_sub(ring.start.get().addr());
    assert_eq!(bytes % size_of::<Entry>(), 0);
    bytes / size_of::<Entry>()
}

/// Looks at all invariants of a ring and at all it says about its entries.
fn check_ring(ring: &Ring, model: &VecDeque<Coro>) {
    let [head, tail, limit, end] =
        [&ring.head, &ring.tail, &ring.limit, &ring.end].map(|at| offset(ring, at));
    // Q3.
    assert!(head <= end && tail <= end);
    assert_eq!(
        (head == tail, ring.is_empty()),
        [model.is_empty(); 2].into()
    );
    // Q1.
    let used: [Range<usize>; 2] = if head <= tail {
        [head..tail, 0..0]
    } else {
        [head..end, 0..tail]
    };
    let count: usize = used.iter().map(Range::len).sum();
    assert_eq!((count, ring.len()), (model.len(), model.len()));
    // Q4.
    assert!(tail <= limit && limit <= end);
    for slot in tail..limit {
        assert!(used.iter().all(|used| !used.contains(&slot)), "limit");
    }
    // A push must not make it look empty.
    assert!(model.is_empty() || tail == limit || tail + 1 != head);
    assert!(ring.entries().eq_by_address(model));
}

trait EqByAddress {
    fn eq_by_address(self, model: &VecDeque<Coro>) -> bool;
}

impl<'a, I: Iterator<Item = &'a Control>> EqByAddress for I {
    fn eq_by_address(self, model: &VecDeque<Coro>) -> bool {
        self.map(ptr::from_ref)
            .eq(model.iter().map(|c| ptr::from_ref(c.control())))
    }
}

fn check(queue: &ReadyQueue, model: &Model) {
    for (ring, model) in queue.rings.iter().zip(model) {
        check_ring(ring, model);
    }
    let highest = model.iter().rposition(|ring| !ring.is_empty());
    // Q2.
    let top = usize::from(queue.top.get().max(NORMAL));
    assert!(highest.is_none_or(|highest| highest <= top));
    assert_eq!(queue.is_above(), queue.top.get() > NORMAL);
    let list: Vec<_> = model.iter().rev().flatten().cloned().collect();
    assert_eq!((queue.len(), queue.list()), (list.len(), list));
}

/// Numbers that look random, from 0 up to `below`.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }
}

/// One step at a ring of the normal priority, and at its model.
fn step(queue: &ReadyQueue, model: &mut Model, coro: &Coro, what: usize) {
    let ring = &mut model[usize::from(NORMAL)];
    match what {
        0 => {
            queue.push(coro.clone());
            ring.push_back(coro.clone());
        }
        1 => assert_eq!(queue.pop_normal(), ring.pop_front()),
        _ => {
            let at = what.checked_sub(2).filter(|&at| at < ring.len());
            let chosen = at.and_then(|at| ring.remove(at));
            let target = chosen.as_ref().unwrap_or(coro);
            assert_eq!(queue.remove(target), chosen);
        }
    }
}

#[test]
fn a_ring_is_a_fifo_however_it_lies() {
    let coros = coros(12);
    for (capacity, turns) in [(1, 10), (2, 11), (3, 12), (4, 12)] {
        for path in 0..1_u32 << turns {
            let (queue, mut model) = (small_queue(capacity), Model::default());
            for turn in 0..turns {
                let what = path >> turn & 1;
                step(&queue, &mut model, &coros[turn], what as usize);
                check_ring(
                    &queue.rings[usize::from(NORMAL)],
                    &model[usize::from(NORMAL)],
                );
            }
            drop(model);
            finish(&queue, &coros);
        }
    }
}

#[test]
fn entries_are_taken_out_from_anywhere_however_the_ring_lies() {
    let coros = coros(16);
    let lies = |&(capacity, pushes, pops, more): &(usize, usize, usize, usize)| {
        pushes <= capacity && pops <= pushes && more < capacity
    };
    let all = (0..6 * 256).map(|n| (n / 256 + 1, n / 64 % 8, n / 8 % 8, n % 8));
    for (capacity, pushes, pops, more) in all.filter(lies) {
        let length = pushes - pops + more;
        for (gone, at) in (0..=length).flat_map(|gone| (gone..=length).map(move |at| (gone, at))) {
            let (queue, mut model) = (small_queue(capacity), Model::default());
            for n in 0..pushes {
                step(&queue, &mut model, &coros[n], 0);
            }
            for n in 0..pops {
                step(&queue, &mut model, &coros[n], 1);
            }
            for n in pushes..pushes + more {
                step(&queue, &mut model, &coros[n], 0);
            }
            for n in 0..gone {
                step(&queue, &mut model, &coros[n], 1);
            }
            // One that is not there, at last.
            step(&queue, &mut model, &coros[14], at - gone + 2);
            check(&queue, &model);
            for coro in &coros[11..14] {
                step(&queue, &mut model, coro, 0);
                step(&queue, &mut model, coro, 1);
                check(&queue, &model);
            }
            drop(model);
            finish(&queue, &coros);
        }
    }
}

#[test]
fn who_is_dropped_leaves_the_others_in_order_however_the_ring_lies() {
    let coros = coros(8);
    for (capacity, before) in (1..=7).flat_map(|c| (0..=c).map(move |b| (c, b))) {
        for kept in 0..1_u32 << capacity {
            let (queue, mut model) = (small_queue(capacity), Model::default());
            for what in [0, 1] {
                (0..before).for_each(|_| step(&queue, &mut model, &coros[7], what));
            }
            for coro in &coros[..capacity] {
                step(&queue, &mut model, coro, 0);
            }
            let keep = |c: &Control| {
                let at = coros.iter().position(|coro| ptr::eq(coro.control(), c));
                at.is_some_and(|at| kept >> at & 1 == 1)
            };
            queue.retain(keep);
            model[usize::from(NORMAL)].retain(|coro| keep(coro.control()));
            check(&queue, &model);
            assert_eq!(queue.any(|_| true), kept != 0);
            assert!(!queue.any(|c| !keep(c)));
            drop(model);
            finish(&queue, &coros);
        }
    }
}

#[test]
fn a_ring_that_never_fills_up_keeps_its_buffer() {
    let coros = coros(5);
    for length in 1..=3 {
        let (queue, mut model) = (small_queue(5), Model::default());
        let start = queue.rings[usize::from(NORMAL)].start.get();
        for coro in &coros[..length] {
            step(&queue, &mut model, coro, 0);
        }
        for _ in 0..50 {
            // With the one that is pushed, not so many that few slots are free.
            let next = model[usize::from(NORMAL)].front().cloned().unwrap();
            step(&queue, &mut model, &next, 1);
            step(&queue, &mut model, &next, 0);
            check(&queue, &model);
            assert_eq!(queue.rings[usize::from(NORMAL)].start.get(), start);
        }
        drop(model);
        finish(&queue, &coros);
    }
}

#[test]
fn a_ring_that_stays_as_full_as_it_is_makes_room_rarely() {
    let coros = coros(FIRST_CAPACITY);
    for length in FIRST_CAPACITY / 2..=FIRST_CAPACITY {
        let (queue, mut model) = (ReadyQueue::new(), Model::default());
        let ring = &queue.rings[usize::from(NORMAL)];
        for coro in &coros[..length] {
            step(&queue, &mut model, coro, 0);
        }
        let mut looks = 0;
        for n in 0..10 * FIRST_CAPACITY {
            looks += usize::from(ring.tail.get() == ring.limit.get());
            step(&queue, &mut model, &coros[n % length], 0);
            step(&queue, &mut model, &coros[0], 1);
        }
        check(&queue, &model);
        assert!(looks <= 100, "{looks} times at {length}");
        drop(model);
        finish(&queue, &coros);
    }
}

#[test]
fn random_steps_at_all_priorities_do_what_the_model_does() {
    let coros = coros(300);
    let dropped = RefCell::new(0_u32);
    for (seed, capacity) in [1, 2, 3, 5, 8, 128].into_iter().enumerate() {
        let mut dice = Dice(seed as u64);
        let (queue, mut model) = (small_queue(capacity), Model::default());
        for round in 0..3_000 {
            // It fills up, and runs empty again.
            let fills = round / 400 % 2 == 0;
            let coro = &coros[dice.roll(coros.len())];
            let level = coro.control().level.get();
            match dice.roll(100) {
                0..60 if fills => {
                    if level == NORMAL {
                        queue.push(coro.clone());
                    } else {
                        queue.push_any(coro.clone());
                    }
                    model[usize::from(level)].push_back(coro.clone());
                }
                0..80 => {
                    let highest = model.iter_mut().rev().find(|ring| !ring.is_empty());
                    let head = queue.head().map(Control::handle);
                    let oldest = highest.and_then(VecDeque::pop_front);
                    assert_eq!((&head, queue.is_empty()), (&oldest, oldest.is_none()));
                    assert_eq!(queue.pop(), oldest);
                }
                80..88 if !queue.is_above() => {
                    assert_eq!(queue.pop_normal(), model[usize::from(NORMAL)].pop_front());
                }
                88..92 => {
                    // Of equal entries the first of the lowest ring that has any.
                    let found = model.iter_mut().find_map(|ring| {
                        let at = ring.iter().position(|c| c == coro)?;
                        ring.remove(at)
                    });
                    assert_eq!(queue.remove(coro), found);
                }
                92..94 => {
                    let odd = dice.roll(7) as u64;
                    queue.retain(|c| {
                        *dropped.borrow_mut() += u32::from(c.id % 7 == odd);
                        c.id % 7 != odd
                    });
                    for ring in &mut model {
                        ring.retain(|c| c.control().id % 7 != odd);
                    }
                }
                94..95 => queue.leave(),
                _ => coro.control().set_prio(Prio::new(dice.roll(8) as i8 - 4)),
            }
            if round % 16 == 0 || queue.len() < 10 {
                check(&queue, &model);
            }
        }
        drop(model);
        finish(&queue, &coros);
    }
    assert!(*dropped.borrow() > 100);
}

#[test]
fn the_order_outlives_growth_wherever_the_ring_begins() {
    let coros = coros(FIRST_CAPACITY);
    for begin in [0, 1, 2, 63, 126, 127, 128] {
        let (queue, mut model) = (ReadyQueue::new(), Model::default());
        for what in [0, 1] {
            (0..begin).for_each(|n| step(&queue, &mut model, &coros[n], what));
        }
        for n in 0..5 * FIRST_CAPACITY {
            step(&queue, &mut model, &coros[n * 7 % coros.len()], 0);
            if n % 3 == 0 {
                step(&queue, &mut model, &coros[0], 1);
            }
            let ring = &queue.rings[usize::from(NORMAL)];
            assert!(ring.capacity().is_power_of_two() && ring.capacity() >= FIRST_CAPACITY);
            check_ring(
                &queue.rings[usize::from(NORMAL)],
                &model[usize::from(NORMAL)],
            );
        }
        drop(model);
        finish(&queue, &coros);
    }
}

#[test]
fn a_ring_is_long_from_its_growth_until_it_is_short() {
    let coros = coros(100);
    let (queue, mut model) = (ReadyQueue::new(), Model::default());
    let ring = &queue.rings[usize::from(NORMAL)];
    for n in 0..=LONG {
        step(&queue, &mut model, &coros[n % 100], 0);
    }
    assert!(!ring.is_long.get(), "it has not been looked at since it is");
    while ring.capacity() < 4 * LONG {
        step(&queue, &mut model, &coros[ring.len() % 100], 0);
    }
    assert!(ring.is_long.get());
    let all = ring.len();
    for n in 0..ring.capacity() {
        // Round once, so that the places ahead are beyond the end too.
        step(&queue, &mut model, &coros[n % 100], 1);
        step(&queue, &mut model, &coros[n % 100], 0);
    }
    assert!(ring.is_long.get() && ring.len() == all);
    for left in (0..all).rev() {
        step(&queue, &mut model, &coros[0], 1);
        // Looked at before the entry is taken out.
        assert_eq!(ring.is_long.get(), left + 1 > LONG);
    }
    finish(&queue, &coros);
}

#[test]
fn a_short_ring_that_was_long_is_not_looked_ahead_in() {
    let coros = coros(1);
    let (queue, mut model) = (small_queue(1), Model::default());
    let ring = &queue.rings[usize::from(NORMAL)];
    ring.is_long.set(true);
    step(&queue, &mut model, &coros[0], 0);
    // As if the others had been taken out from between.
    ring.is_long.set(true);
    step(&queue, &mut model, &coros[0], 1);
    assert!(!ring.is_long.get());
    drop(model);
    finish(&queue, &coros);
}

#[test]
fn a_queue_whose_memory_is_freed_serves_again() {
    let coros = coros(3);
    let (queue, mut model) = (ReadyQueue::new(), Model::default());
    // The first time there is none.
    for round in 0..4 {
        queue.leave();
        queue
            .rings
            .iter()
            .for_each(|ring| assert_eq!(ring.capacity(), 0));
        check(&queue, &model);
        assert!(queue.pop().is_none() && queue.pop_normal().is_none());
        assert!(queue.head().is_none() && queue.remove(&coros[0]).is_none());
        queue.retain(|_| false);
        for coro in &coros[..round] {
            step(&queue, &mut model, coro, 0);
        }
        // What is in use stays.
        queue.leave();
        check(&queue, &model);
        while queue.pop().is_some() {}
        model = Model::default();
    }
    finish(&queue, &coros);
}

#[test]
fn who_is_above_is_told_until_nobody_is() {
    let coros = coros(3);
    let [low, normal, high] = [0, 1, 2].map(|n| coros[n].clone());
    low.set_prio(Prio::LOW);
    high.set_prio(Prio::HIGH);
    let queue = ReadyQueue::new();
    assert!(!queue.is_above());
    queue.push_any(low.clone());
    queue.push_any(normal.clone());
    assert!(!queue.is_above());
    queue.push_any(high.clone());
    assert!(queue.is_above());
    // Another one of a lower priority does not hide it.
    queue.push_any(low.clone());
    assert!(queue.is_above());
    assert_eq!(queue.pop().as_ref(), Some(&high));
    assert_eq!(queue.pop().as_ref(), Some(&normal));
    assert!(!queue.is_above());
    assert_eq!(queue.pop().as_ref(), Some(&low));
    // A low `top` does not hide who comes back at the normal one.
    queue.push(normal.clone());
    assert_eq!(queue.head().map(Control::handle), Some(normal.clone()));
    assert_eq!(queue.list(), [normal.clone(), low.clone()]);
    assert_eq!(queue.pop(), Some(normal.clone()));
    assert_eq!(queue.pop(), Some(low.clone()));
    assert!(queue.is_empty());
    drop((low, normal, high));
    finish(&queue, &coros);
}
