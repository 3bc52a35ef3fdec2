//! The places of many slots and coros agree with a table.

use std::any::Any;
use std::collections::BTreeMap;
use std::ptr;
use std::rc::Rc;

use super::{FAN, Link, List, Local, Locals, NEAR};

/// A slot, the list of its places, and what is there by the coro: values are unique numbers.
struct Slot {
    index: usize,
    key: u64,
    inherited: bool,
    list: Rc<List>,
}

impl Slot {
    fn put(&self, locals: &Locals, value: u32) -> Option<u32> {
        let begin = || locals.begin(self.index, self.key, &self.list, self.inherited);
        let place = locals.find(self.index, self.key).unwrap_or_else(begin);
        place.note.set(value);
        number(place.value.replace(Some(Rc::new(value))))
    }
}

fn number(value: Option<Rc<dyn Any>>) -> Option<u32> {
    value.map(|value| *value.downcast::<u32>().expect("all values are numbers"))
}

fn sorted(list: &List, which: fn(&Local) -> &Link) -> Vec<u32> {
    let values = list
        .all(which)
        .map(|place| number(place.get()).expect("L1: it has a value"));
    let mut all: Vec<_> = values.collect();
    all.sort_unstable();
    all
}

fn check(coros: &[Locals], slots: &[Slot], model: &BTreeMap<(usize, usize), u32>) {
    for (nth, slot) in slots.iter().enumerate() {
        let mut known = Vec::new();
        for (coro, locals) in coros.iter().enumerate() {
            let place = locals.find(slot.index, slot.key);
            let value = model.get(&(coro, nth)).copied();
            assert_eq!(place.and_then(|place| number(place.get())), value, "L1");
            assert_eq!(place.map(|place| place.note.get()), value);
            known.extend(value);
        }
        known.sort_unstable();
        assert_eq!(sorted(&slot.list, Local::slot), known, "L1");
    }
    for (coro, locals) in coros.iter().enumerate() {
        let values = model.range((coro, 0)..(coro + 1, 0));
        let mut known: Vec<_> = values
            .filter(|((_, nth), _)| slots[*nth].inherited)
            .map(|(_, value)| *value)
            .collect();
        known.sort_unstable();
        assert_eq!(sorted(&locals.heirs, Local::heirs), known, "L3");
    }
}

#[test]
fn places_and_lists_agree_with_a_table() {
    const COROS: usize = 4;
    let mut state = 1_u64;
    let mut random = move |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(99);
        (state >> 33) as usize % below
    };
    // In the order of the indices, of which neighbours are on both sides of every level.
    let mut indices: Vec<_> = (0..3 * FAN).collect();
    indices.extend([
        NEAR + FAN * FAN - 1,
        NEAR + FAN * FAN,
        5_000,
        100_000,
        u32::MAX as usize,
    ]);
    let mut keys = 0;
    let mut slot = |index| {
        keys += 1;
        let inherited = keys % 3 == 0;
        Slot {
            index,
            key: keys,
            inherited,
            list: Rc::default(),
        }
    };
    let mut slots: Vec<_> = indices.iter().map(|index| slot(*index)).collect();
    let mut coros: Vec<_> = (0..COROS).map(|_| Locals::default()).collect();
    let mut model = BTreeMap::new();
    for value in 0..4_000 {
        let (coro, nth) = (random(COROS), random(slots.len()));
        let locals = &coros[coro];
        match random(20) {
            0..12 => {
                let old = model.insert((coro, nth), value);
                assert_eq!(slots[nth].put(locals, value), old);
            }
            12..17 => {
                let place = locals.find(slots[nth].index, slots[nth].key);
                let old = place.and_then(Local::take);
                assert_eq!(number(old), model.remove(&(coro, nth)));
            }
            17 => {
                for _ in 0..random(3 * FAN) {
                    let first = model.range((coro, 0)..(coro + 1, 0)).next();
                    let first = first.map(|(at, _)| *at);
                    let expected = first.and_then(|at| model.remove(&at));
                    assert_eq!(
                        number(locals.pop()),
                        expected,
                        "the lowest index goes first"
                    );
                }
            }
            18 => {
                // Another coro takes the place of this one, and is made by its neighbour.
                while locals.pop().is_some() {}
                model.retain(|at, _| at.0 != coro);
                coros[coro] = Locals::default();
                let parent = (coro + 1) % COROS;
                let heirs: Vec<_> = (0..slots.len())
                    .filter(|nth| slots[*nth].inherited)
                    .filter_map(|nth| Some((nth, *model.get(&(parent, nth))?)))
                    .collect();
                assert_eq!(coros[coro].inherit(&coros[parent]), !heirs.is_empty());
                model.extend(heirs.into_iter().map(|(nth, value)| ((coro, nth), value)));
            }
            _ => {
                while let Some(place) = slots[nth].list.first() {
                    assert!(place.take().is_some(), "L1");
                }
                model.retain(|at, _| at.1 != nth);
                slots[nth] = slot(slots[nth].index);
            }
        }
        check(&coros, &slots, &model);
    }
    // Those that are freed with values in them leave the lists.
    drop(coros);
    assert!(slots.iter().all(|slot| slot.list.first().is_none()));
}

#[test]
fn a_place_with_a_high_index_takes_little_memory_and_stays() {
    let slot = Slot {
        index: 1 << 30,
        key: 1,
        inherited: false,
        list: Rc::default(),
    };
    let locals = Locals::default();
    assert_eq!(slot.put(&locals, 1), None);
    let place = ptr::from_ref(locals.find(slot.index, 1).unwrap());
    for other in 0..10 * FAN {
        let other = Slot {
            index: other,
            key: 2,
            inherited: false,
            list: Rc::default(),
        };
        other.put(&locals, 2);
        assert_eq!(number(other.list.first().unwrap().take()), Some(2));
    }
    assert!(ptr::eq(place, locals.find(slot.index, 1).unwrap()));
    assert_eq!(number(locals.pop()), Some(1));
    assert_eq!(number(locals.pop()), None);
}
