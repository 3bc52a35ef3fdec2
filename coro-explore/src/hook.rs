//! The hooks of the kernel's.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use coro::{Clock, Coro, End, Event, Observer, Outlook, Policy};

use crate::log::Entry;
use crate::panics;
use crate::scene;
use crate::verdict::Verdict;
use crate::world::World;

/// The world, as the kernel's hooks.
pub(crate) struct Hook(pub(crate) Rc<World>);

impl Policy for Hook {
    fn prepare(&mut self) {
        let world = &*self.0;
        let deadline = coro::fire_timers();
        let unwinds = world.first_now.get().is_some_and(|struck| struck.at_once);
        // Nothing comes between a cancel and its unwinding, also if it has struck while nobody was
        // ready.
        if let Some(step) = world.begin_step()
            && !unwinds
        {
            world.depart(step, deadline);
        }
    }

    fn next(&mut self, ready: &[Coro]) -> usize {
        self.0.choose_next(ready)
    }

    fn choose(&mut self, count: usize) -> Option<usize> {
        Some(self.0.choose_one(count))
    }
}

impl Observer for Hook {
    fn event(&mut self, event: &Event<'_>) {
        let world = &*self.0;
        match event {
            Event::Spawned { coro } => {
                if world.first.get().is_none() {
                    world.first.set(Some(coro.id()));
                }
                world.alive.set(world.alive.get() + 1);
                world.write(Entry::Spawned {
                    coro: world.number(coro.id()),
                    desc: coro.desc().map(|desc| Arc::from(&*desc)),
                });
            }
            Event::Readied { coro, .. } if **coro != world.root => {
                world.write(Entry::Readied(world.number(coro.id())));
            }
            Event::SwitchedOut { coro, place, wait } if **coro != world.root => {
                world.write(Entry::Out {
                    coro: world.number(coro.id()),
                    place,
                    wait: *wait,
                    ready: coro.is_ready(),
                });
                world.look();
            }
            Event::SwitchedIn { coro } if **coro != world.root => {
                world.count_switch();
                world.write(Entry::In {
                    coro: world.number(coro.id()),
                    step: world.step.get(),
                });
            }
            Event::Noted { text, .. } => world.write(Entry::Note((*text).into())),
            Event::Ended { coro, how } => {
                let number = world.number(coro.id());
                world.alive.set(world.alive.get().saturating_sub(1));
                world.write(Entry::Ended {
                    coro: number,
                    how: *how,
                });
                world.ended.borrow_mut().push((*coro).clone());
                if *how == End::Panicked && (number == 0 || !world.settings.panics) {
                    let said = panics::last(coro.id()).unwrap_or_default();
                    let what = format!("{} panicked at {said}", world.name(coro));
                    world.fail(Verdict::Panic, vec![what]);
                }
                world.look();
            }
            _ => {}
        }
    }
}

impl Clock for Hook {
    fn now(&self) -> Instant {
        self.0.start + self.0.passed.get()
    }

    fn skip_to(&self, deadline: Instant) -> bool {
        self.0.pass(deadline);
        true
    }
}

impl World {
    /// Nobody is ready.
    pub(crate) fn idle(&self) -> Outlook {
        if self.is_over.get() {
            self.end();
            return Outlook::Progress;
        }
        let deadline = coro::fire_timers();
        if coro::ready_count() > 0 {
            return Outlook::Progress;
        }
        if self.alive.get() == 0 {
            self.end();
            return Outlook::Progress;
        }
        let stranded = coro::all().into_iter().any(|coro| coro.is_stranded());
        let Some(deadline) = deadline.filter(|_| !stranded) else {
            let verdict = if stranded {
                Verdict::LostWakeUp
            } else {
                Verdict::Deadlock
            };
            self.fail(verdict, scene::standing(self));
            return Outlook::Progress;
        };
        if let Some(step) = self.begin_step()
            && !self.depart_idle(step)
            && !self.waits_by_hand(step)
        {
            self.pass(deadline);
        }
        Outlook::Progress
    }

    /// Lets the time pass.
    pub(crate) fn pass(&self, deadline: Instant) {
        let to = deadline.saturating_duration_since(self.start);
        let by = to.saturating_sub(self.passed.get());
        self.passed.set(self.passed.get() + by);
        self.write(Entry::Passed(by));
        coro::fire_timers();
    }
}
