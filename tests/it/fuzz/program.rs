//! Programs: what they are made of, how they are drawn, printed, and written on one line.

use std::fmt::{self, Write as _};

use proptest::collection::vec;
use proptest::prelude::*;

macro_rules! ops {
    ($($name:ident $text:literal)*) => {
        /// What a step does; the comment of each is the text that it is printed as.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Op { $($name),* }

        impl Op {
            /// All of them, the simplest first: the order of shrinking.
            pub(crate) const ALL: &[Op] = &[$(Op::$name),*];

            fn text(self) -> &'static str {
                match self { $(Op::$name => $text),* }
            }

            fn name(self) -> &'static str {
                match self { $(Op::$name => stringify!($name)),* }
            }
        }
    };
}

// `{a}` and `{b}` are the numbers of a step, `{..}` is its body.
ops! {
    Check "coro::check()" Cede "coro::cede()" CedeNotself "coro::cede_notself()"
    Schedule "coro::schedule()" ScheduleReadied "readier.ready(current()); coro::schedule()"
    Ready "c{a}.ready()" IntoReady "c{a}.clone().into_ready()"
    Suspend "c{a}.suspend()" Resume "c{a}.resume(); c{a}.ready()"
    ScheduleTo "c{a}.schedule_to()" CedeTo "c{a}.cede_to()"
    SetPrio "c{a}.set_prio({b} - 3)" Nice "c{a}.nice({b} - 3)"
    Cancel "c{a}.cancel()" SafeCancel "c{a}.safe_cancel()" CancelSelf "current().cancel()"
    Throw "c{a}.throw(Value {..})" ThrowRetract "c{a}.throw(Value {..}).retract()"
    ClearThrow "c{a}.clear_throw()" SetOverdue "c{a}.set_overdue({b})"
    ClearOverdue "c{a}.clear_overdue({b})"
    Join "c{a}.join()" JoinTimeout "join_timeout(c{a}, {b} ms)" TakeJoin "handles.remove({a}).join()"
    SharedJoin "handles.remove({a}).shared().join()" CancelWith "handles[{a}].cancel_with(Value {..})"
    DropHandle "handles.remove({a})" Forget "coros.remove({a})"
    Terminate "coro::terminate(Value {..})" Panic "panic!(\"boom\")"
    Spawn "spawn({..})" SpawnWith "Builder(prio {a}, stack {b}).spawn({..})"
    Build "Builder(prio {a}, stack {b}).build({..})" Scope "scope(|s| s.spawn({..}) x {a})"
    Local "let local = Drop {..}" Defer "coro::defer({..})" OnDestroy "c{a}.on_destroy({..})"
    OnEnter "let _w = coro::on_enter({..})" OnLeave "let _w = coro::on_leave({..})"
    Shield "coro::shield({..})" NoSwitch "coro::no_switch({..})" Catch "coro::catch({..})"
    Swallow "catch_unwind({..})" Timeout "timeout({a} ms, {..})"
    Rouse "let (call, rouse) = rouse(); calls.push(call); rouse.wait()"
    RouseCall "calls.remove({a}).call(Value {..})" RouseDrop "calls.remove({a})"
    Unblock "unblock_fn({..})(1)" Waker "c{a}.waker().wake()"
    Killall "coro::killall()" Shutdown "coro::shutdown()"
    Report "coro::report()" Backtrace "c{a}.backtrace()" Choose "coro::choose({a} + 1)"
    Policy "set_policy(random {a}, {b})" Observer "set_observer({..})" NoObserver "set_observer(None)"
    SemUp "sem{a}.up()" SemAdjust "sem{a}.adjust({b})" SemTryDown "sem{a}.try_down()"
    SemDown "sem{a}.down()" SemDownMany "sem{a}.down_many({b})" SemWait "sem{a}.wait()"
    SemWaitWith "sem{a}.wait_with({..})" SemDownTimeout "sem{a}.down_timeout({b} ms)"
    SemDownManyTimeout "sem{a}.down_many_timeout(2, {b} ms)"
    SemWaitTimeout "sem{a}.wait_timeout({b} ms)"
    SemAcquire "with sem{a}.acquire() {..}" SemAcquireMany "with sem{a}.acquire_many({b}) {..}"
    SemTryAcquire "with sem{a}.try_acquire() {..}"
    SemAcquireTimeout "with sem{a}.acquire_timeout({b} ms) {..}"
    SemAcquireRc "guards.push(sem{a}.acquire_rc())" GuardDrop "guards.remove({a})"
    SemForget "sem{a}.acquire().forget()"
    KeyUp "set.up({a})" KeyDown "set.down({a})" KeyWait "set.wait({a})"
    KeyDownTimeout "set.down_timeout({a}, {b} ms)" KeyAcquire "with set.acquire({a}) {..}"
    KeyTryAcquire "with set.try_acquire({a}) {..}"
    KeyAcquireTimeout "with set.acquire_timeout({a}, {b} ms) {..}" KeySem "with set.sem({a}) {..}"
    SigSend "sig{a}.send()" SigBroadcast "sig{a}.broadcast()" SigWait "sig{a}.wait()"
    SigWaitWith "sig{a}.wait_with({..})" SigWaitTimeout "sig{a}.wait_timeout({b} ms)"
    Barrier "barrier.wait()" Token "with group.token() {..}" TokenKeep "tokens.push(group.token())"
    TokenDrop "tokens.remove({a})" GroupWait "group.wait()" GroupWaitTimeout "group.wait_timeout({a} ms)"
    OnceInit "once{a}.get_or_init({..})" OnceFail "once{a}.get_or_try_init({..}; Err)"
    OnceSet "once{a}.set(Value {..})"
    Lock "with mutex{a}.lock() {..}" TryLock "with mutex{a}.try_lock() {..}"
    LockTimeout "with mutex{a}.lock_timeout({b} ms) {..}" LockReplace "*mutex{a}.lock() = Value {..}"
    CondWait "condvar.wait(mutex{a}.lock())" CondWaitTimeout "condvar.wait_timeout(mutex{a}.lock(), {b} ms)"
    NotifyOne "condvar.notify_one()" NotifyAll "condvar.notify_all()"
    Read "with rw{a}.read() {..}" Write "with rw{a}.write() {..}"
    Downgrade "with downgrade(rw{a}.write()) {..}" TryRead "with rw{a}.try_read() {..}"
    TryWrite "with rw{a}.try_write() {..}" ReadTimeout "with rw{a}.read_timeout({b} ms) {..}"
    WriteTimeout "with rw{a}.write_timeout({b} ms) {..}"
    Put "ch{a}.put(Value {..})" Get "ch{a}.get()" TryPut "ch{a}.try_put(Value {..})"
    TryGet "ch{a}.try_get()" PutTimeout "ch{a}.put_timeout(Value {..}, {b} ms)"
    GetTimeout "ch{a}.get_timeout({b} ms)" ChAdjust "ch{a}.adjust({b})" ChShutdown "ch{a}.shutdown()"
    Select "select!(ch{a}.get, ch{b}.put, sem{a}, sig{b})"
    SelectBiased "select!(biased; sem{a}, key, ch{b}.get, join c{a})"
    SelectTimer "select!(ch{a}.get, set.join_next, after({b} ms))"
    SelectTimeout "Select(ch{a}.put, ch{a}.get, sem{b}).wait_timeout({b} ms)"
    SelectDefault "select!(ch{a}.get, ch{b}.put, sem{a}, default)"
    Oneshot "let (s, r) = oneshot(); senders.push(s); r.get()"
    OneshotTimeout "let (s, r) = oneshot(); senders.push(s); r.get_timeout({a} ms)"
    OneshotSelect "let (s, r) = oneshot(); senders.push(s); select!(r.get_arm(), sig{a})"
    OneshotKeep "let (s, r) = oneshot(); senders.push(s); receivers.push(r)"
    OneshotGet "receivers.remove({a}).get()" ReceiverDrop "receivers.remove({a})"
    OneshotSend "senders.remove({a}).send(Value {..})" SenderDrop "senders.remove({a})"
    SetSpawn "joinset.spawn({..})" SetNext "joinset.join_next()" SetTry "joinset.try_join_next()"
    SetTimeout "joinset.join_next_timeout({a} ms)" SetLocal "let set = JoinSet(spawn {..})"
    SpecSet "specific.set(Value {..})" SpecTake "specific.take()" SpecWith "specific.with({..})"
    KeySet "LOCAL.replace(Value {..})" InheritSet "inherited.set(Value {..})"
    Sleep "sleep({a} ms)" TimerWait "with after({a} ms) {..}.wait()" Tick "interval({a} ms).tick() x 2"
}

/// One step.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) op: Op,
    /// Where its operation stands in the palette of its program.
    pub(crate) index: u8,
    pub(crate) a: u8,
    pub(crate) b: u8,
    pub(crate) body: Vec<Step>,
}

/// The steps of main, and of the coros that it spawns first.
#[derive(Clone)]
pub(crate) struct Program(pub(crate) Vec<Vec<Step>>);

/// Returns those of the steps that a program is made of: one that uses everything seldom does two
/// things with the same object. Neighbours in the list concern the same one.
fn palette() -> impl Strategy<Value = Vec<Op>> {
    let all = 0..Op::ALL.len();
    let near = (all.clone(), 1..16_usize);
    let seldom = [
        Op::Killall,
        Op::Shutdown,
        Op::ChShutdown,
        Op::CancelSelf,
        Op::Panic,
    ];
    (near, vec(all, 0..10), vec(0..20_usize, 0..4), 0..8_u8).prop_map(
        move |((first, count), far, kernel, rare)| {
            let near = (first..first + count).map(|index| index % Op::ALL.len());
            let indices = kernel.into_iter().chain(near).chain(far);
            let ops = indices.map(|index| Op::ALL[index]);
            // What ends much at once comes seldom, so that something is left to happen.
            let fits = |op: &Op| rare == 0 || !seldom.contains(op) && *op != Op::Terminate;
            let mut ops: Vec<_> = ops.filter(fits).collect();
            ops.push(Op::Cede);
            ops
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let part = || (any::<u8>(), 0..6_u8, 0..6_u8);
    let make = |((index, a, b), body)| Step {
        op: Op::Cede,
        index,
        a,
        b,
        body,
    };
    let leaf = part().prop_map(move |part| make((part, vec![])));
    leaf.prop_recursive(3, 12, 3, move |inner| {
        (part(), vec(inner, 0..4)).prop_map(make)
    })
}

/// Draws programs of two to eight coros, which meet at few objects.
pub(crate) fn program() -> impl Strategy<Value = Program> {
    fn paint(steps: &mut [Step], palette: &[Op], span: u8) {
        for step in steps {
            step.op = palette[usize::from(step.index) % palette.len()];
            if step.op >= Op::SemUp {
                step.a %= span;
            }
            paint(&mut step.body, palette, span);
        }
    }
    let tasks = vec(vec(step(), 0..9), 2..9);
    (palette(), 1..7_u8, tasks).prop_map(|(palette, span, mut tasks)| {
        tasks
            .iter_mut()
            .for_each(|steps| paint(steps, &palette, span));
        Program(tasks)
    })
}

impl Program {
    /// Returns `true` if `op` occurs anywhere in it.
    pub(crate) fn has(&self, op: Op) -> bool {
        fn any(steps: &[Step], op: Op) -> bool {
            steps
                .iter()
                .any(|step| step.op == op || any(&step.body, op))
        }
        self.0.iter().any(|steps| any(steps, op))
    }

    /// Writes it on one line that [`decode`](Program::decode) reads.
    pub(crate) fn encode(&self) -> String {
        fn put(steps: &[Step], line: &mut String) {
            line.push('(');
            for Step { op, a, b, body, .. } in steps {
                write!(line, " {}.{a}.{b} ", op.name()).expect("a string takes all");
                put(body, line);
            }
            line.push(')');
        }
        let mut line = String::new();
        self.0.iter().for_each(|steps| put(steps, &mut line));
        line
    }

    /// Reads what [`encode`](Program::encode) has written.
    pub(crate) fn decode(line: &str) -> Program {
        let spaced = line.replace('(', " ( ").replace(')', " ) ");
        let mut open: Vec<Vec<Step>> = vec![vec![]];
        let mut tasks = Vec::new();
        for word in spaced.split_whitespace() {
            match word {
                "(" => open.push(vec![]),
                ")" => {
                    let body = open.pop().expect("each bracket was opened");
                    match open
                        .last_mut()
                        .expect("the lowest is never closed")
                        .last_mut()
                    {
                        Some(step) => step.body = body,
                        None => tasks.push(body),
                    }
                }
                _ => {
                    let mut parts = word.split('.');
                    let name = parts.next().expect("a split yields something");
                    let op = Op::ALL
                        .iter()
                        .find(|op| op.name() == name)
                        .expect("a known step");
                    let mut number = || {
                        parts
                            .next()
                            .and_then(|n| n.parse().ok())
                            .expect("two numbers")
                    };
                    let (a, b) = (number(), number());
                    let steps = open.last_mut().expect("a step is inside brackets");
                    steps.push(Step {
                        op: *op,
                        index: 0,
                        a,
                        b,
                        body: vec![],
                    });
                }
            }
        }
        Program(tasks)
    }
}

fn print(f: &mut fmt::Formatter<'_>, steps: &[Step], indent: usize) -> fmt::Result {
    for Step { op, a, b, body, .. } in steps {
        let text = op
            .text()
            .replace("{a}", &a.to_string())
            .replace("{b}", &b.to_string());
        let Some((before, after)) = text.split_once("{..}") else {
            writeln!(f, "{:indent$}{text};", "")?;
            continue;
        };
        if body.is_empty() {
            writeln!(f, "{:indent$}{before}{{}}{after};", "")?;
            continue;
        }
        writeln!(f, "{:indent$}{before}{{", "")?;
        print(f, body, indent + 4)?;
        writeln!(f, "{:indent$}}}{after};", "")?;
    }
    Ok(())
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(f, std::slice::from_ref(self), 0)
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, steps) in self.0.iter().enumerate() {
            let name = if index == 0 {
                "main".into()
            } else {
                format!("c{index}")
            };
            writeln!(f, "\n{name} {{")?;
            print(f, steps, 4)?;
            write!(f, "}}")?;
        }
        write!(f, "\nCORO_FUZZ_PROGRAM='{}'", self.encode())
    }
}
