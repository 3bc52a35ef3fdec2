//! The cards are shuffled once a round, when nobody plays, and before anybody plays on.

use std::cell::Cell;
use std::rc::Rc;

use coro_explore::{Builder, Failure, Report};

use super::super::answers::barrier::Table;

const ROUNDS: u32 = 2;

#[derive(Default)]
struct Game {
    /// How many rounds have been played, by all players together.
    played: Cell<u32>,
    shuffled: Cell<u32>,
}

pub(crate) fn judge() -> Result<Report, Failure> {
    Builder::new().delays(3).run(|| {
        let players = ["ann", "bob", "cy"];
        let count = u32::try_from(players.len()).expect("they are few");
        let shared = Rc::new((Table::new(count), Game::default()));
        let players = players.map(|name| {
            let shared = shared.clone();
            coro::Builder::new().desc(name).spawn(move || {
                let (table, game) = &*shared;
                for round in 1..=ROUNDS {
                    game.played.set(game.played.get() + 1);
                    table.wait(|| {
                        assert_eq!(game.played.get(), round * count, "somebody still plays");
                        coro::note("shuffles");
                        coro::cede();
                        game.shuffled.set(game.shuffled.get() + 1);
                    });
                    assert_eq!(game.shuffled.get(), round, "shuffled once a round");
                }
            })
        });
        for player in players {
            player.join().expect("nobody cancels it");
        }
    })
}
