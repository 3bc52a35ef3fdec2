//! Random games: what is shown is what the explorer says of the same moves, and hints are true.

use coro_explore::{Builder, Failure, Move, Position, State, Verdict};
use coro_guide::Page;
use fastrand::Rng;
use ratatui::text::Span;

use crate::player::{game, levels, line, page, play, run};

/// So many moves without a choice are made at once.
const AUTOMATIC: usize = 500;

/// What should be on a screen.
struct Expected {
    script: String,
    is_play: bool,
    /// So many choices were made.
    choices: usize,
    position: Position,
    moves: Vec<Move>,
}

/// The game, as it should be.
struct Model {
    page: &'static Page,
    explorer: Builder,
    moves: Vec<Move>,
    /// Before each turn: how many moves were made, and how many choices.
    turns: Vec<(usize, usize)>,
    choices: usize,
    position: Position,
    shown: &'static str,
}

impl Model {
    fn new(level: &str) -> Model {
        let page = page(level);
        let explorer = (page.explorer)().name(page.name);
        let position = explorer.play(&[], page.wrong);
        let mut model = Model {
            page,
            explorer,
            moves: Vec::new(),
            turns: Vec::new(),
            choices: 0,
            position,
            shown: "",
        };
        model.settle();
        model
    }

    fn look(&mut self) {
        self.position = self.explorer.play(&self.moves, self.page.wrong);
        assert_eq!(self.position.missed(), None);
    }

    fn add(&mut self, next: Move) {
        self.choices += usize::from(self.position.moves().len() > 1);
        self.moves.push(next);
        self.look();
    }

    fn settle(&mut self) {
        while let [only] = *self.position.moves() {
            self.add(only);
        }
    }

    fn begin_turn(&mut self) {
        self.turns.push((self.moves.len(), self.choices));
    }

    fn expected(&self, script: &str) -> Expected {
        Expected {
            script: script.to_owned(),
            is_play: self.shown.is_empty(),
            choices: self.choices,
            position: self.position.clone(),
            moves: self.moves.clone(),
        }
    }

    /// Does something that can be done; returns the line of a script that does it.
    fn step(&mut self, rng: &mut Rng) -> String {
        let legal = self.position.moves().to_vec();
        let page = |model: &mut Model, shown| {
            model.shown = if model.shown == shown { "" } else { shown };
            format!("{shown}\n")
        };
        match rng.u32(..20) {
            0 => return page(self, "source"),
            1 => return page(self, "report"),
            2 => return page(self, "help"),
            _ => self.shown = "",
        }
        match rng.u32(..20) {
            0 => "show\n".to_owned(),
            1 | 2 => "hint\n".to_owned(),
            3 => {
                self.turns.clear();
                self.moves.clear();
                self.choices = 0;
                self.look();
                self.settle();
                "restart\n".to_owned()
            }
            4..8 if !self.turns.is_empty() => {
                let (moves, choices) = self.turns.pop().expect("there is one");
                self.moves.truncate(moves);
                self.choices = choices;
                self.look();
                "undo\n".to_owned()
            }
            8 if !legal.is_empty() => {
                self.begin_turn();
                while let Some(usual) = self.position.moves().first().copied() {
                    self.add(usual);
                }
                assert!(self.moves.len() < AUTOMATIC);
                "end\n".to_owned()
            }
            9 | 10 if !legal.is_empty() => {
                self.begin_turn();
                self.add(legal[0]);
                self.settle();
                "enter\n".to_owned()
            }
            _ => match rng.choice(&legal) {
                Some(next) => {
                    self.begin_turn();
                    self.add(*next);
                    self.settle();
                    line(*next)
                }
                None => "hint\n".to_owned(),
            },
        }
    }
}

/// Looks whether all is shown, and nothing else.
fn compare(level: &str, screen: &str, expected: &Expected) {
    let Expected {
        script,
        is_play,
        choices,
        position,
        moves,
    } = expected;
    let what = || format!("{level} after {moves:?}, by\n{script}\n{screen}");
    assert_eq!(screen.lines().count(), 24, "{}", what());
    for line in screen.lines() {
        assert!(Span::raw(line).width() <= 80, "{line}\n{}", what());
    }
    assert!(
        screen.trim_end().ends_with("q quit") || !is_play,
        "{}",
        what()
    );
    if !is_play {
        return;
    }
    let title = screen.lines().next().unwrap_or_default();
    let count = title.split_whitespace().rev().nth(1);
    assert_eq!(count, Some(choices.to_string().as_str()), "{}", what());
    if let Some(failure) = position.failure() {
        let whole: String = screen.split_whitespace().collect();
        let schedule: String = failure.schedule().split_whitespace().collect();
        assert!(whole.contains("Youhavewon"), "{}", what());
        assert!(
            whole.contains(&format!("CORO_SCHEDULE={schedule}")),
            "{}",
            what()
        );
        return;
    }
    if position.is_over() {
        assert!(screen.contains("nothing was wrong this time"), "{}", what());
        return;
    }
    let (_, below) = screen
        .split_once("Who runs next?")
        .expect("somebody is asked");
    let runs = position
        .moves()
        .iter()
        .filter(|next| matches!(next, Move::Run(_)));
    let runs: Vec<_> = runs.copied().collect();
    let place = |number| runs.iter().position(|next| *next == Move::Run(number));
    for coro in position.coros() {
        let number = coro.number();
        let place = place(number);
        let (sign, state) = match coro.state() {
            State::Ready if place.is_some() => ("▶", "ready"),
            State::Ready => ("▷", "ready"),
            State::Running => ("▶", "runs, and asks"),
            State::Blocked => ("■", "blocked"),
            _ => ("✓", "ended"),
        };
        let key = place.map_or_else(|| " ".to_owned(), |_| number.to_string());
        let begin = format!(" {key} {sign} #{number} ");
        let (_, told) = below
            .split_once(&begin)
            .unwrap_or_else(|| panic!("{begin}: {}", what()));
        // What the next coro has begins with its sign.
        let told = told.lines().next().unwrap_or_default();
        let end = told.find(['▶', '▷', '■', '✓']).unwrap_or(told.len());
        let told = &told[..end];
        assert!(told.contains(state), "{begin}{state}: {}", what());
        if let Some(place) = place {
            let nth = ["1st", "2nd", "3rd"]
                .get(place)
                .map(|nth| (*nth).to_owned());
            let nth = nth.unwrap_or_else(|| format!("{}th", place + 1));
            assert!(
                told.contains(&format!(", {nth}")),
                "{begin}{nth}: {}",
                what()
            );
        }
        if let Some(waits) = coro.what() {
            assert!(
                told.contains(&format!("blocked on {waits}")),
                "{begin}{waits}: {}",
                what()
            );
        }
        for (letter, fault) in [
            ('w', Move::Wake(number)),
            ('x', Move::Throw(number)),
            ('c', Move::Cancel(number)),
            ('a', Move::SafeCancel(number)),
            ('o', Move::Timeout(number)),
        ] {
            let key = format!("{letter}{number}");
            let is_shown = told.split_whitespace().any(|word| word == key);
            let is_legal = position.moves().contains(&fault);
            assert_eq!(is_shown, is_legal, "{key}: {}", what());
        }
    }
    let timer = below.contains(" t let the timer go off");
    assert_eq!(timer, position.moves().contains(&Move::Timer), "{}", what());
    for which in 0..9 {
        let is_shown = below.contains(&format!(" {which} pick {which} "));
        let is_legal = position.moves().contains(&Move::Pick(which));
        assert_eq!(is_shown, is_legal, "{}", what());
    }
}

/// What a hint says to do.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Move(Move),
    Back(usize),
}

/// Reads the hint on a screen, but for those that are written.
fn asked(screen: &str, position: &Position) -> Option<Asked> {
    let text: Vec<_> = screen.split_whitespace().collect();
    let text = text.join(" ");
    if let Some((_, said)) = text.rsplit_once("Hint: ") {
        let (said, _) = said.split_once(" (key ")?;
        let is_meant = |next: &&Move| next.to_string() == said;
        let next = position.moves().iter().find(is_meant);
        return Some(Asked::Move(
            *next.unwrap_or_else(|| panic!("{said}: illegal\n{screen}")),
        ));
    }
    let (_, said) = text.rsplit_once("Undo ")?;
    let (times, _) = said.split_once(" (u): there it still can")?;
    Some(Asked::Back(match times.split_once(" times") {
        None => 1,
        Some((times, _)) => times.parse().expect("a number"),
    }))
}

/// Returns `true` if what begins so can fail; a player may pass over whom he likes as often as he likes.
fn can_fail(model: &Model) -> bool {
    let explorer = model.explorer.clone().delays(u32::MAX);
    explorer.run_from(&model.moves, model.page.wrong).is_err()
}

/// Plays a random script, and looks at each screen.
fn random_game(level: &str, seed: u64, lines: usize) {
    let mut rng = Rng::with_seed(seed);
    let mut model = Model::new(level);
    let mut script = String::new();
    let mut all = vec![model.expected("")];
    for _ in 0..lines {
        script += &model.step(&mut rng);
        all.push(model.expected(&script));
    }
    let played = run(game(&[level, "--script", "-"]), &script);
    assert_eq!(played.error, "", "{level}:\n{script}");
    let screens = played.screens();
    assert_eq!(screens.len(), all.len(), "{level}:\n{script}");
    for (screen, expected) in screens.iter().zip(&all) {
        compare(level, screen, expected);
        if expected.is_play && expected.script.ends_with("hint\n") {
            _ = asked(screen, &expected.position);
        }
    }
    let position = &model.position;
    let code = i32::from(position.failure().is_none());
    assert_eq!(played.code, code, "{level}:\n{script}");
    match position.failure() {
        Some(failure) => is_told(level, failure, played.conclusion()),
        None => assert_eq!(played.conclusion(), "not yet", "{level}"),
    }
    let mut failures = all.iter().filter_map(|one| one.position.failure());
    if let Some(failure) = failures.next() {
        leads_there(level, &model, failure);
    }
}

/// Looks at the conclusion of a game that is won.
fn is_told(level: &str, failure: &Failure, conclusion: &str) {
    let begin = format!("won: {} in ", failure.verdict());
    let end = format!("; replay: CORO_SCHEDULE={}", failure.schedule());
    assert!(
        conclusion.starts_with(&begin) && conclusion.ends_with(&end),
        "{level}: {conclusion}, but {failure}"
    );
}

/// Follows a schedule in the game, and in the explorer.
fn leads_there(level: &str, model: &Model, failure: &Failure) {
    assert_ne!(failure.verdict(), Verdict::Nondeterminism, "{failure}");
    let schedule = failure.schedule();
    let mut again = game(&[level, "--script", "-"]);
    again.env("CORO_SCHEDULE", schedule);
    let again = run(again, "");
    assert_eq!((again.code, again.error.as_str()), (0, ""), "{failure}");
    is_told(level, failure, again.conclusion());
    let replay = model.explorer.clone().replay(schedule);
    let replayed = replay.run(model.page.wrong).expect_err("it fails");
    assert_eq!(replayed.verdict(), failure.verdict(), "{failure}");
    assert_eq!(replayed.schedule(), schedule, "{failure}");
}

#[test]
fn what_is_shown_is_what_the_explorer_says() {
    for level in levels() {
        random_game(&level, 0, 35);
    }
}

#[test]
fn hints_lead_to_a_failure_from_wherever() {
    for level in levels() {
        // By this one, more are passed over than the budget of the philosophers' page has.
        hinted(&level, 2);
    }
}

/// Goes somewhere, and from there where hints lead.
fn hinted(level: &str, seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut model = Model::new(level);
    let mut script = "hint\n".repeat(model.page.hints.len());
    for _ in 0..rng.usize(..10) {
        let legal = model.position.moves().to_vec();
        let Some(next) = rng.choice(&legal) else {
            break;
        };
        model.begin_turn();
        model.add(*next);
        model.settle();
        script += &line(*next);
    }
    for _ in 0..60 {
        if model.position.failure().is_some() {
            return;
        }
        script += "hint\n";
        let screen = play(level, &script).last_screen();
        let what = || format!("{level}:\n{script}\n{screen}");
        match asked(&screen, &model.position) {
            Some(Asked::Move(next)) => {
                assert!(can_fail(&model), "{}", what());
                model.begin_turn();
                model.add(next);
                model.settle();
                script += &line(next);
            }
            Some(Asked::Back(times)) => {
                let is_sure = screen.contains("nothing can fail any more");
                assert!(!is_sure || !can_fail(&model), "{}", what());
                assert!(times > 0 && times <= model.turns.len(), "{}", what());
                for _ in 0..times {
                    let (moves, choices) = model.turns.pop().expect("there is one");
                    model.moves.truncate(moves);
                    model.choices = choices;
                }
                model.look();
                assert!(can_fail(&model), "{}", what());
                script += &"undo\n".repeat(times);
            }
            None => panic!("{}", what()),
        }
    }
    panic!("{level}: {script}");
}
