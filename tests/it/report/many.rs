//! A hundred thousand coros: the time is in proportion, and the text stays short.

use std::cell::RefCell;
use std::rc::Rc;

use coro::{Builder, Coro, Holder, Report, Wait, wait_for};

use super::settle;
use crate::support::fresh;

const MANY: usize = 100_000;

/// Waits for the end of the coro that is set, or of all that are.
#[derive(Default)]
struct End(RefCell<Vec<Coro>>);

impl Wait for End {
    fn what(&self) -> &'static str {
        "end"
    }

    fn holders(&self, tell: &mut dyn FnMut(Holder)) {
        self.0
            .borrow()
            .iter()
            .for_each(|coro| tell(Holder::of(coro)));
    }
}

/// Takes a report of coros that wait for each other as `edges` says, by their indices; returns it with its text.
fn among(
    ends: &[Rc<End>],
    coros: &[Coro],
    edges: impl Fn(usize) -> Vec<usize>,
) -> (Report, String) {
    for (at, end) in ends.iter().enumerate() {
        let holders = edges(at).into_iter().map(|holder| coros[holder].clone());
        *end.0.borrow_mut() = holders.collect();
    }
    let report = coro::report();
    assert_eq!(report.coros().len(), MANY + 1);
    let text = report.to_string();
    let count = text.lines().count();
    assert!(count < 1_000, "{count} lines");
    let longest = text.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(130), "{longest:?}");
    (report, text)
}

#[test]
fn a_hundred_thousand_cost_no_square_and_few_lines() {
    fresh(|| {
        let ends: Vec<Rc<End>> = (0..MANY).map(|_| Rc::default()).collect();
        let waits = |end: &Rc<End>| {
            let end = Rc::clone(end);
            let c = Builder::new()
                .stack_size(16 * 1024)
                .spawn(move || wait_for(&*end));
            c.coro().clone()
        };
        let coros: Vec<Coro> = ends.iter().map(waits).collect();
        settle();
        let among = |edges: &dyn Fn(usize) -> Vec<usize>| among(&ends, &coros, edges);

        let (_, text) = among(&|_| vec![]);
        let alike = format!("{} more coros blocked on end,", MANY - 3);
        assert!(
            text.contains(&alike) && text.contains(&format!(": #4 … #{MANY}\n")),
            "{text}"
        );

        // One circle, against the order of the numbers.
        let (report, text) = among(&|at| vec![(at + MANY - 1) % MANY]);
        assert_eq!(
            (report.cycles()[0].coros().len(), report.stuck().len()),
            (MANY, MANY)
        );
        assert!(text.contains(&format!("… {} more … →", MANY - 9)), "{text}");
        assert!(text.contains("more coros that are not shown\n"), "{text}");

        // Pairs.
        let (report, text) = among(&|at| vec![at ^ 1]);
        assert_eq!(
            (report.cycles().len(), report.stuck().len()),
            (MANY / 2, MANY)
        );
        assert!(
            text.contains(&format!("cycle: and {} more like these", MANY / 2 - 8)),
            "{text}"
        );

        // All wait for one, which waits for all.
        let (report, text) = among(&|at| {
            if at == 0 {
                (1..MANY).collect()
            } else {
                vec![0]
            }
        });
        assert_eq!((report.cycles().len(), report.stuck().len()), (1, MANY));
        assert!(
            text.contains(&format!("and by {} more", MANY - 4)),
            "{text}"
        );

        // A line that ends with one who waits for nobody.
        let (report, _) = among(&|at| if at + 1 < MANY { vec![at + 1] } else { vec![] });
        assert!(report.stuck().is_empty() && report.cycles().is_empty());

        // The same, but that one waits for itself.
        let (report, _) = among(&|at| vec![(at + 1).min(MANY - 1)]);
        assert_eq!((report.stuck().len(), report.recursions().len()), (MANY, 1));
        assert!(report.cycles().is_empty());
        // Lest they hold each other.
        ends.iter().for_each(|end| end.0.borrow_mut().clear());
    });
}
