//! Moves are made and taken back.

use crate::player::{failing_moves, levels, line, play, winning_script};

/// The lines of a screen, without what is said of how it came to be.
fn plain(screen: &str) -> Vec<String> {
    let lines = screen.lines().map(|line| {
        let words = line.split([' ', '›', '✓']);
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        words.join(" ")
    });
    let mut lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    // That stands above the keys.
    if let Some(from) = lines
        .iter()
        .position(|line| line.starts_with("There was no choice"))
    {
        lines.drain(from..lines.len() - 1);
    }
    lines
}

/// The parts of a screen: what is above the columns, the columns, and what is below.
fn parts(screen: &str) -> [Vec<String>; 3] {
    let lines = plain(screen);
    let rules = (0..lines.len()).filter(|at| lines[*at].starts_with('─'));
    let rules: Vec<_> = rules.collect();
    let (above, rest) = lines.split_at(rules[0]);
    let (columns, below) = rest.split_at(rules[1] - rules[0]);
    [above.to_vec(), columns[1..].to_vec(), below.to_vec()]
}

#[test]
fn undo_takes_the_last_turn_back_exactly() {
    for level in levels() {
        let script = winning_script(&level);
        let there = play(&level, &script).screens();
        let turns = there.len() - 1;
        let back = play(&level, &(script + &"undo\n".repeat(turns))).screens();
        assert_eq!(back.len(), 2 * turns + 1);
        for (at, screen) in there[..turns].iter().enumerate() {
            let again = &back[2 * turns - at];
            let ([above, columns, below], [above_again, columns_again, below_again]) =
                (parts(screen), parts(again));
            assert_eq!(above, above_again, "{level}");
            assert_eq!(below, below_again, "{level}");
            // Where less is said there is room for more lines; all others are the same.
            let (heads, rows) = (&columns[..1], &columns[1..]);
            assert_eq!(heads, &columns_again[..1], "{level}");
            assert!(columns_again.ends_with(rows), "{level}:\n{screen}\n{again}");
        }
    }
}

#[test]
fn after_undo_another_way_can_be_taken() {
    let ahead = play("dining", "run 2\n").last_screen();
    let detour = play("dining", "run 1\nundo\nrun 2\n").last_screen();
    assert_eq!(plain(&detour), plain(&ahead));
}

#[test]
fn restart_begins_again_but_what_was_won_stays_won() {
    let script = winning_script("dining");
    let begin = play("dining", "").last_screen();
    let again = play("dining", &(script + "restart\n")).last_screen();
    assert!(
        again
            .lines()
            .next()
            .is_some_and(|title| title.contains('✓')),
        "{again}"
    );
    assert_eq!(plain(&again), plain(&begin));
}

#[test]
fn enter_is_production_order_and_end_is_that_until_it_is_over() {
    let by_enter = play("dining", &"enter\n".repeat(19)).last_screen();
    let at_once = play("dining", "end\n").last_screen();
    assert!(at_once.contains("nothing was wrong this time"), "{at_once}");
    assert_eq!(plain(&by_enter), plain(&at_once));
}

#[test]
fn end_is_one_turn() {
    let back = play("dining", "run 1\nend\nundo\n").last_screen();
    assert_eq!(
        plain(&back),
        plain(&play("dining", "run 1\n").last_screen())
    );
}

#[test]
fn a_departure_is_marked_where_it_was_made() {
    let screen = play("dining", "run 3\n").last_screen();
    assert!(screen.contains("2*"), "{screen}");
    assert!(screen.contains("before #1, #2"), "{screen}");
    assert!(!play("dining", "run 1\n").last_screen().contains('*'));
}

#[test]
fn next_and_previous_change_the_level_and_stop_at_the_ends() {
    let levels = levels();
    let second = play(&levels[0], "next\n").last_screen();
    assert_eq!(plain(&second), plain(&play(&levels[1], "").last_screen()));
    let first = play(&levels[1], "previous\n").last_screen();
    assert_eq!(plain(&first), plain(&play(&levels[0], "").last_screen()));
}

#[test]
fn moves_are_counted_where_there_was_a_choice() {
    for level in levels() {
        let moves = failing_moves(&level);
        let script: String = moves.iter().copied().map(line).collect();
        let title = play(&level, &script).last_screen();
        let title = title.lines().next().expect("there is a title").to_owned();
        let counted = match moves.len() {
            1 => "1 move".to_owned(),
            many => format!("{many} moves"),
        };
        assert!(title.trim_end().ends_with(&counted), "{level}: {title}");
    }
}
