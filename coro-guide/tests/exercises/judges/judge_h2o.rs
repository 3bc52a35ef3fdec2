//! All three of a molecule are told the same, and each is in one; nobody waits longer than must be.

use std::collections::BTreeMap;
use std::rc::Rc;

use coro::JoinHandle;
use coro_explore::{Builder, Failure, Report};

use super::super::answers::h2o::{Flask, Kind};
use super::all;

/// The molecule that each name was told of.
type Told = Vec<(&'static str, Vec<&'static str>)>;

pub(crate) fn judge() -> Result<Report, Failure> {
    all(
        &Builder::new().spurious(0).delays(3),
        &[hydrogens_come_again, an_oxygen_is_left_over],
    )
}

/// Brings these atoms, one after the other; the names of hydrogens begin with an h.
fn bring(flask: &Rc<Flask>, names: &[&'static str]) -> JoinHandle<Told> {
    let flask = flask.clone();
    let names = names.to_vec();
    coro::Builder::new().desc(names[0]).spawn(move || {
        let react = |name: &'static str| {
            let kind = match name.starts_with('h') {
                true => Kind::Hydrogen,
                false => Kind::Oxygen,
            };
            let mut molecule = flask.react(kind, name);
            assert_eq!(molecule.len(), 3, "{name} is told of {molecule:?}");
            assert!(
                molecule.contains(&name),
                "{name} is told of {molecule:?}, and is not in it"
            );
            molecule.sort_unstable();
            (name, molecule)
        };
        names.into_iter().map(react).collect()
    })
}

/// Waits for these, and sees whether each was in one molecule.
fn see<const N: usize>(all: [JoinHandle<Told>; N]) {
    let told = all.map(|coro| coro.join().expect("nobody cancels it"));
    let told: BTreeMap<_, _> = told.into_iter().flatten().collect();
    for (name, molecule) in &told {
        let hydrogens = molecule.iter().filter(|other| other.starts_with('h'));
        assert_eq!(hydrogens.count(), 2, "{molecule:?} is no water");
        for other in molecule {
            assert_eq!(
                told[other], *molecule,
                "what {other} and {name} are told of"
            );
        }
    }
}

fn hydrogens_come_again() {
    let flask = Rc::new(Flask::new());
    see([
        bring(&flask, &["hal", "hal2"]),
        bring(&flask, &["olga"]),
        bring(&flask, &["hugo", "hugo2"]),
        bring(&flask, &["otto"]),
    ]);
}

fn an_oxygen_is_left_over() {
    let flask = Rc::new(Flask::new());
    let [olga, otto, hal, hugo] =
        ["olga", "otto", "hal", "hugo"].map(|name| bring(&flask, &[name]));
    // There is one for these two.
    let hydrogens = [hal, hugo].map(|hydrogen| hydrogen.join().expect("nobody cancels it"));
    assert_eq!(
        hydrogens[0][0].1, hydrogens[1][0].1,
        "the two are in one molecule"
    );
    // And here are two for the other one.
    let others = ["hera", "hana"].map(|name| bring(&flask, &[name]));
    for coro in others.into_iter().chain([olga, otto]) {
        coro.join().expect("nobody cancels it");
    }
}
