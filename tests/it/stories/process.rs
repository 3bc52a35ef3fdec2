//! Coros take turns; priorities; freezing; the end of all, and of the process.

use coro::{
    Builder, Coro, Prio, all, cede, cede_notself, current, killall, ready_count, schedule,
    shutdown, spawn,
};

use super::{cede_times, in_a_process_that_ends, join_all};
use crate::support::{Log, defer, fresh, outcome, semaphore};

/// `spawn`, `cede` and `join`: as in Coro.
#[test]
fn coros_take_turns_and_their_results_are_joined() {
    let log = Log::new();
    log.say("main 1");
    let a = spawn(move || {
        log.say("a1");
        cede();
        log.say("a2");
        1
    });
    let b = spawn(move || {
        log.say("b1");
        cede();
        log.say("b2");
        cede();
        log.say("b3");
        2
    });
    log.say("main 2");
    cede();
    log.say("main 3");
    log.say(format!("a gave {}", a.join().unwrap()));
    log.say(format!("b gave {}", b.join().unwrap()));
    log.expect([
        "main 1", "main 2", "a1", "b1", "main 3", "a2", "b2", "a gave 1", "b3", "b gave 2",
    ]);
}

/// `spawn` in a coro, and `cede`: as in Coro.
#[test]
fn a_coro_spawned_by_a_coro_comes_after_all_who_are_ready() {
    let log = Log::new();
    spawn(move || {
        log.say("outer");
        spawn(move || log.say("inner"));
        cede();
        log.say("outer again");
    });
    spawn(move || log.say("sibling"));
    cede();
    log.say("main");
    cede();
    log.expect(["outer", "sibling", "main", "inner", "outer again"]);
}

/// `cede` and `cede_notself` with coros of six priorities: as in Coro.
#[test]
fn the_highest_priority_runs_first_and_the_lower_ones_when_nobody_insists() {
    fresh(|| {
        let log = Log::new();
        for prio in [0, -1, 1, -4, 3, -3] {
            let say = move || log.say(prio);
            Builder::new().prio(Prio::new(prio)).spawn(say);
        }
        log.say("before");
        cede();
        log.say("cede");
        cede();
        log.say("cede again");
        cede_notself();
        log.say("cede_notself");
        cede_notself();
        cede_notself();
        cede_notself();
        log.expect([
            "before",
            "3",
            "1",
            "0",
            "cede",
            "cede again",
            "-1",
            "cede_notself",
            "-3",
            "-4",
        ]);
    });
}

/// `set_prio` after `ready`, and before it: as in Coro.
#[test]
fn a_priority_counts_from_the_next_ready_on() {
    let log = Log::new();
    spawn(move || log.say("normal"));
    let late = spawn(move || log.say("raised when it was ready"));
    late.set_prio(Prio::HIGH);
    let early = Builder::new().build(move || log.say("raised before"));
    early.set_prio(Prio::HIGH);
    early.ready();
    cede();
    log.expect(["raised before", "normal", "raised when it was ready"]);
}

/// `set_prio` of main, `cede`, `nice`: as in Coro.
#[test]
fn main_has_a_priority_as_well() {
    let log = Log::new();
    let old = current().set_prio(Prio::HIGH);
    let c = spawn(move || log.say("normal"));
    cede();
    log.say("main, high");
    current().set_prio(old);
    cede();
    log.say("main, normal");
    log.expect(["main, high", "normal", "main, normal"]);
    assert_eq!(c.nice(2), Prio::NORMAL);
    assert_eq!(c.prio().get(), -2);
}

/// `suspend` while ready, `resume` in time: as in Coro. `suspend` passed over, `resume`, `ready`: not
/// as in Coro, where the coro can never be readied again.
#[test]
fn a_suspended_coro_stays_where_it_is_until_resumed_and_readied() {
    fresh(|| {
        let log = Log::new();
        let c = spawn(move || {
            for n in 1..=3 {
                log.say(n);
                cede();
            }
        });
        cede();
        c.suspend();
        c.resume();
        cede();
        log.expect(["1", "2"]);
        c.suspend();
        cede_times(3);
        log.say("frozen");
        c.resume();
        cede_times(3);
        log.say("thawed");
        c.ready();
        cede();
        log.expect(["frozen", "thawed", "3"]);
        // Blocked, not ready.
        let blocked = spawn(move || {
            schedule();
            log.say("woken");
        });
        cede_times(2);
        blocked.suspend();
        blocked.ready();
        cede();
        log.expect([]);
        blocked.resume();
        blocked.ready();
        cede();
        log.expect(["woken"]);
    });
}

/// `killall`: the order, newest first, as in Coro; it spares main, not as in Coro.
#[test]
fn killall_ends_all_others_newest_first() {
    fresh(|| {
        let log = Log::new();
        for n in 1..=4 {
            spawn(move || {
                let _last = defer(move || log.say(n));
                schedule();
            });
        }
        let ready = semaphore(0);
        let by = spawn({
            let ready = ready.clone();
            move || {
                killall();
                log.say("alone with main");
                ready.up();
                all().len()
            }
        });
        let hold = all();
        ready.down();
        assert_eq!(by.join().unwrap(), 2);
        log.expect(["4", "3", "2", "1", "alone with main"]);
        assert_eq!(hold.iter().filter(|c| !c.is_finished()).count(), 1);
    });
}

/// `shutdown`: new here.
#[test]
fn shutdown_waits_for_destructors_that_block_and_names_who_will_not_end() {
    fresh(|| {
        let log = Log::new();
        let slow = spawn(move || {
            let _blocks = defer(move || {
                cede_times(5);
                log.say("slow has ended");
            });
            schedule();
        });
        let stuck = Builder::new()
            .desc("stuck")
            .spawn(|| coro::shield(schedule));
        let new = Builder::new().build(|| ());
        cede();
        let left = shutdown();
        assert_eq!(left, [stuck.coro().clone()]);
        assert!(slow.is_finished() && new.is_finished());
        log.expect(["slow has ended"]);
        stuck.ready();
        assert!(stuck.join().is_ok());
        assert_eq!((all().len(), ready_count()), (1, 0));
    });
}

/// The deadlock's report, and what an uncaught one ends in: status 255 in Coro, a panic of main here.
#[test]
fn a_deadlock_names_all_who_wait_and_ends_the_program() {
    let name = "stories::process::a_deadlock_names_all_who_wait_and_ends_the_program";
    let ran = in_a_process_that_ends(name, || {
        let sem = semaphore(0);
        let waits = sem.clone();
        let _one = Builder::new().desc("stuck one").spawn(move || waits.down());
        let _two = Builder::new().desc("stuck two").spawn(schedule);
        cede();
        sem.down();
        println!("not reached");
    });
    let Some(ran) = ran else { return };
    let ran = ran.exited_with(101);
    assert!(!ran.said.contains("not reached"));
    let report = &ran.complained;
    assert!(report.contains("deadlock: nothing is ready"), "{report}");
    let (_, table) = report.split_once("where and why\n").unwrap_or_default();
    let row = |desc: &str| {
        // What a line has no room for stands in the next ones, indented.
        let mut lines = table.lines().skip_while(|line| !line.contains(desc));
        let mut row = lines.next().unwrap_or_default().to_owned();
        row.extend(lines.take_while(|line| line.starts_with("            ")));
        assert!(
            row.contains("blocked") && row.contains("process.rs"),
            "{desc}: {report}"
        );
        row
    };
    assert!(row("main").contains("on a semaphore"), "{report}");
    assert!(row("stuck one").contains("on a semaphore"), "{report}");
    assert!(!row("stuck two").contains("on a"), "{report}");
}

/// `exit` in a coro: the order of the lines and the status as in Coro.
#[test]
fn exit_in_a_coro_ends_the_process_and_nobody_else_runs() {
    let name = "stories::process::exit_in_a_coro_ends_the_process_and_nobody_else_runs";
    let ran = in_a_process_that_ends(name, || {
        let c = spawn(|| {
            println!("the coro");
            std::process::exit(7)
        });
        spawn(|| println!("never 1"));
        println!("main");
        let c: &Coro = c.coro();
        c.join();
        println!("never 2");
    });
    let Some(ran) = ran else { return };
    let ran = ran.exited_with(7);
    let (main, coro) = (ran.said.find("main\n"), ran.said.find("the coro\n"));
    assert!(main.is_some() && main < coro, "{}", ran.said);
    assert!(!ran.said.contains("never"), "{}", ran.said);
}

/// `terminate` in main: in Coro the others go on; here it is refused, and all go on.
#[test]
fn main_cannot_terminate_and_goes_on_with_the_others() {
    let log = Log::new();
    spawn(move || {
        cede();
        log.say("another");
    });
    log.say(outcome(|| coro::terminate(())));
    cede_times(2);
    log.expect(["cannot terminate main: it ends by returning", "another"]);
    assert_eq!(join_all([spawn(|| 1)]), [1]);
}
