#!/usr/bin/env python3
"""Seeded random scenario generator for the Coro differential oracle.

One scenario (a JSON object) per output line.  Python 3.11, standard library.
  gen.py --seed 1 --count 1000 --profile core
  gen.py --seed 1 --count 1000 --features sem,channel,cancel --coros 2-5 --len 3-9
Scenario number K of seed S is always the same, whatever --count is.
"""
import argparse, json, random, sys

# what each feature adds: (weight, op name)
FEATURES = {
    "cede":     [(4, "cede"), (1, "cede_notself")],
    "sched":    [(1, "schedule")],
    "sem":      [(4, "down"), (5, "up"), (1, "try"), (1, "count")],
    "adjust":   [(1, "adjust")],
    "semwait":  [(2, "sem_wait")],
    "semcb":    [(1, "sem_wait_cb")],
    "guard":    [(3, "guard"), (3, "drop_guard")],
    "channel":  [(5, "put"), (4, "get"), (1, "size")],
    "shutdown": [(1, "shutdown")],
    "signal":   [(4, "wait"), (4, "send"), (2, "broadcast")],
    "sigcb":    [(1, "wait_cb")],
    "rwlock":   [(3, "rdlock"), (2, "wrlock"), (1, "tryrdlock"), (1, "trywrlock"), (5, "unlock")],
    "semset":   [(3, "set_down"), (4, "set_up"), (1, "set_try"), (1, "set_count"), (1, "set_wait"), (1, "set_guard"), (1, "set_drop")],
    "specific": [(1, "set"), (2, "fetch")],
    "prio":     [(1, "prio"), (1, "nice"), (1, "prio_of")],
    "observe":  [(1, "nready"), (1, "is"), (1, "awaited")],
    "ready":    [(3, "ready")],                       # spurious wake-ups too
    "directed": [(1, "schedule_to"), (1, "cede_to")],
    "join":     [(2, "join")],
    "ondestroy":[(1, "on_destroy")],
    "cancel":   [(2, "cancel")],
    "safecancel": [(1, "safe_cancel")],
    "throw":    [(2, "throw"), (1, "throw_clear")],
    "terminate":[(1, "terminate")],
    "async":    [(2, "async"), (1, "new")],
    "rouse":    [(2, "rouse_cb"), (3, "rouse_call"), (3, "rouse_wait")],
    "suspend":  [(1, "suspend"), (2, "resume")],
}
CORE = "cede sem adjust semwait semcb guard channel shutdown signal sigcb rwlock semset specific join ondestroy terminate async rouse".split()
PROFILES = {
    # no op here can leave a stale entry in a wait list: a Rust port should agree event for event
    "core":     CORE,
    "prio":     CORE + ["prio", "observe"],
    "wake":     CORE + ["ready", "sched", "directed", "observe"],          # spurious wake-ups
    "kill":     CORE + ["cancel", "throw", "safecancel", "sched", "ready"],  # interrupted waits
    "cancel":   CORE + ["cancel"],
    "throw":    CORE + ["throw"],
    "sem":      "cede sem adjust semwait guard".split(),
    "semkill":  "cede sem adjust semwait guard cancel throw ready".split(),
    "sigkill":  "cede signal cancel throw ready".split(),
    "chankill": "cede channel shutdown cancel throw ready".split(),
    "rwkill":   "cede rwlock cancel throw ready".split(),
    "joinkill": "cede join ondestroy cancel safecancel throw ready sched terminate rouse async".split(),
    "channel":  "cede channel shutdown".split(),
    "signal":   "cede signal sigcb".split(),
    "rwlock":   "cede rwlock prio".split(),
    "semset":   "cede semset cancel".split(),
    "sched":    "cede sched ready directed prio join observe async terminate".split(),
    "pairs":    "cede sem semwait guard channel join rouse cancel throw safecancel ready sched directed signal rwlock semset".split(),
    "all":      [f for f in FEATURES if f != "suspend"],
    "suspend":  list(FEATURES),
}
NEEDS = {  # op -> object type
    "down": "semaphore", "up": "semaphore", "try": "semaphore", "count": "semaphore", "adjust": "semaphore",
    "sem_wait": "semaphore", "sem_wait_cb": "semaphore", "guard": "semaphore", "drop_guard": "semaphore",
    "put": "channel", "get": "channel", "size": "channel", "shutdown": "channel",
    "wait": "signal", "send": "signal", "broadcast": "signal", "wait_cb": "signal", "awaited": "signal",
    "rdlock": "rwlock", "wrlock": "rwlock", "tryrdlock": "rwlock", "trywrlock": "rwlock", "unlock": "rwlock",
    "set_down": "semaphore_set", "set_up": "semaphore_set", "set_try": "semaphore_set", "set_count": "semaphore_set",
    "set_wait": "semaphore_set", "set_guard": "semaphore_set", "set_drop": "semaphore_set",
    "set": "specific", "fetch": "specific",
}
BLOCKING = """down guard sem_wait get put join rouse_wait schedule cede cede_notself schedule_to cede_to wait
rdlock wrlock set_down set_guard set_wait""".split()
PREFIX = {"semaphore": "s", "channel": "c", "signal": "g", "rwlock": "r", "semaphore_set": "S", "specific": "v"}


def span(text):
    lo, _, hi = text.partition("-")
    return int(lo), int(hi or lo)


class Gen:
    def __init__(self, rng, feats, coros, length, prio_max, catch_end):
        self.rng, self.feats = rng, feats
        r = rng
        n = r.randint(*coros)
        self.names = [chr(65 + i) for i in range(n)]
        self.lazy = set()
        if "async" in feats and n > 2:
            self.lazy = set(r.sample(self.names[1:], r.randint(0, max(1, n // 3))))
        # a scenario concentrates on a few features, so that threads really meet
        always = {"cede", "prio", "observe", "ready", "cancel", "throw", "safecancel", "join", "ondestroy", "terminate", "async", "suspend"} & set(feats)
        rest = [f for f in feats if f not in always]
        pick = set(r.sample(rest, min(len(rest), r.randint(1, 3)))) if rest else set()
        kill = [f for f in sorted(always) if f != "cede"]
        r.shuffle(kill)
        pick |= {"cede"} & set(feats)
        pick |= set(kill[: r.randint(0 if pick else 1, 3)])
        pick |= {f for f in ("cancel", "throw") if f in feats and r.random() < .5}
        if "shutdown" in pick: pick.add("channel")
        for dep, base in (("adjust", "sem"), ("semwait", "sem"), ("semcb", "sem"), ("guard", "sem"), ("sigcb", "signal")):
            if dep in pick and base in feats: pick.add(base)
        if self.lazy: pick.add("async")
        self.menu = [(w, op) for f in FEATURES if f in pick for w, op in FEATURES[f]]
        self.objects = {}
        for typ in sorted({NEEDS[op] for _, op in self.menu if op in NEEDS}):
            for i in range(r.choice((1, 1, 1, 2))):
                o = {"type": typ}
                if typ == "semaphore": o["count"] = r.choice((0, 0, 1, 1, 1, 2, 3))
                if typ == "semaphore_set": o["count"] = r.choice((0, 1, 1, 1, 2))
                if typ == "channel": o["size"] = r.choice((0, 1, 1, 2, 2, 3, 5))
                self.objects[PREFIX[typ] + str(i)] = o
        self.val = 0
        self.keys = ["k%d" % i for i in range(r.choice((1, 1, 2)))]
        self.length, self.prio_max, self.catch_end = length, prio_max, catch_end

    def obj(self, typ):
        return self.rng.choice(sorted(k for k, v in self.objects.items() if v["type"] == typ))

    def other(self, me):
        r = self.rng
        pool = [x for x in self.names if x != me]
        return r.choice(pool) if pool and r.random() < .93 else me

    def value(self):
        self.val += 1
        return self.val

    def prio(self):
        # where there is a 3 it is to meet another one
        if self.prio_max >= 3 and self.rng.random() < .4: return self.prio_max
        return self.rng.randint(-4, self.prio_max)

    def op(self, me):
        r = self.rng
        op = r.choices([o for _, o in self.menu], [w for w, _ in self.menu])[0]
        if op in NEEDS:
            o = self.obj(NEEDS[op])
            if op == "adjust": return [op, o, r.choice((-2, -1, 0, 1, 2, 2, 3))]
            if op in ("put", "set"): return [op, o, self.value()]
            if op.startswith("set_"): return [op, o, r.choice(("x", "x", "y"))]
            if op in ("sem_wait_cb", "wait_cb"): return [op, o, "cb%d" % self.value()]
            return [op, o]
        if op in ("cede", "cede_notself", "schedule", "nready"): return [op]
        if op == "prio": return [op, self.prio()]
        if op == "nice": return [op, r.randint(-3, 3)] if self.prio_max >= 3 else [op, r.randint(0, 3)]
        if op == "prio_of": return [op, self.other(me), self.prio()]
        if op in ("ready", "is", "schedule_to", "cede_to", "suspend", "resume", "throw_clear"): return [op, self.other(me)]
        if op == "join":
            t = self.other(me)
            return [op, t] if t != me else ["cede"]
        if op == "on_destroy":
            extra = []
            acts = [("up", "semaphore"), ("send", "signal"), ("broadcast", "signal")]
            acts = [(a, t) for a, t in acts if any(v["type"] == t for v in self.objects.values())]
            if acts and r.random() < .5:
                a, t = r.choice(acts)
                extra = [a, self.obj(t)]
            return [op, self.other(me), "d%d" % self.value()] + extra
        if op in ("cancel", "safe_cancel"): return [op, self.other(me)] + ([self.value()] if r.random() < .5 else [])
        if op == "throw": return [op, self.other(me), "x%d" % self.value()]
        if op == "terminate": return [op, self.value()] if r.random() < .3 else ["cede"]
        if op in ("async", "new"): return [op, r.choice(sorted(self.lazy))] if self.lazy else ["cede"]
        if op == "rouse_cb": return [op, r.choice(self.keys)]
        if op == "rouse_call": return [op, r.choice(self.keys), self.value()]
        if op == "rouse_wait": return [op, r.choice(self.keys)]
        raise AssertionError(op)

    def pair(self, coros, ops):
        """Lets one coro come into a blocking op, and another one interrupt it there: while it is listed, or after waking it."""
        r = self.rng
        victim, other = sorted(r.sample(coros, 2), key=lambda c: c["name"])
        op = r.choice([o for o in BLOCKING if o in ops])
        call, before, first, wake = [op], [], [], []
        rest = [c["name"] for c in coros if c is not victim and c is not other]
        if op in NEEDS:
            typ = NEEDS[op]
            name = PREFIX[typ] + "0"
            self.objects.setdefault(name, {"type": typ})
            if typ == "semaphore": self.objects[name]["count"] = r.choice((0, 0, 0, 1))
            if typ == "semaphore_set": self.objects[name]["count"] = 1 if op == "set_wait" else r.choice((0, 0, 0, 1))
            if typ == "channel": self.objects[name]["size"] = r.choice((1, 1, 2))
            if typ == "rwlock": before, first = [["cede"]], [[r.choice(("wrlock", "wrlock", "rdlock")) if op == "wrlock" else "wrlock", name]]
            if op == "set_wait": before.append(["set_down", name, "x"])
            call.append(name)
            if op == "put": call.append(self.value())
            if op.startswith("set_"): call.append("x")
            wake = [{"semaphore": "up", "semaphore_set": "set_up", "rwlock": "unlock", "signal": r.choice(("send", "broadcast"))}.get(typ, "get" if op == "put" else "put"), name]
            if wake[0] == "set_up": wake.append("x")
            if wake[0] == "put": wake.append(self.value())
        elif op == "rouse_wait":
            before.append(["rouse_cb", "k0"])
            call.append("k0")
            wake = ["rouse_call", "k0", self.value()]
        elif op in ("join", "schedule_to", "cede_to"):
            call.append(r.choice(rest or [other["name"]]))
            if op == "join" and rest: wake = ["cancel", call[1], self.value()]
        if op in ("schedule", "schedule_to"): wake = ["ready", victim["name"]]
        victim["ops"][0:0] = before + [call]
        hit = [r.choice([o for o in ("throw", "cancel", "safe_cancel", "ready") if o in ops]), victim["name"]]
        if hit[0] == "throw": hit.append("x%d" % self.value())
        wakes = [wake] if wake and wake[0] in ops and hit[0] != "ready" and r.random() < .6 else []
        at = r.randint(0, 1) if not first and not wakes else 0
        other["ops"][at:at] = first + [["cede"]] * (1 if first else r.randint(0, 1)) + wakes + [hit]
        for c in (victim, other):
            c.pop("start", None)

    def scenario(self, ident, pair_ops=None):
        r = self.rng
        coros = []
        for n in self.names:
            c = {"name": n, "ops": [self.op(n) for _ in range(r.randint(*self.length))]}
            if "prio" in self.feats and r.random() < .5: c["prio"] = self.prio()
            if n in self.lazy: c["start"] = "lazy"
            elif n != "A" and ("ready" in self.feats or "directed" in self.feats) and r.random() < .15: c["start"] = "new"
            if r.random() < .4: c["ops"].append(["return", self.value()])
            if self.catch_end and r.random() < .5: c["catch"] = "end"
            coros.append(c)
        if pair_ops: self.pair(coros, pair_ops)
        return {"id": ident, "objects": self.objects, "coros": coros}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--count", type=int, default=100)
    ap.add_argument("--first", type=int, default=0, help="number of the first scenario")
    ap.add_argument("--profile", default="core", choices=sorted(PROFILES))
    ap.add_argument("--features", help="comma list, instead of a profile: " + ",".join(FEATURES))
    ap.add_argument("--without", default="", help="comma list of features to leave out")
    ap.add_argument("--only-ops", help="comma list: no other op is generated (the runner's `scenario --ops`)")
    ap.add_argument("--coros", default="2-6", type=span)
    ap.add_argument("--len", dest="length", default="2-9", type=span)
    ap.add_argument("--prio-max", type=int, default=2, help="3 lets scenario coros compete with Coro's manager thread")
    ap.add_argument("--no-catch-end", action="store_true")
    a = ap.parse_args()
    feats = a.features.split(",") if a.features else PROFILES[a.profile]
    feats = [f for f in feats if f not in a.without.split(",")]
    if a.only_ops:
        only = set(a.only_ops.split(","))
        for f, ops in FEATURES.items(): FEATURES[f] = [(w, op) for w, op in ops if op in only]
        feats = [f for f in feats if FEATURES.get(f, True)]
    bad = [f for f in feats if f not in FEATURES]
    if bad: ap.error("unknown feature " + ",".join(bad))
    tag = "custom" if a.features else a.profile
    for k in range(a.first, a.first + a.count):
        rng = random.Random("%d/%s/%d" % (a.seed, ",".join(feats), k))
        g = Gen(rng, feats, a.coros, a.length, a.prio_max, not a.no_catch_end)
        pair_ops = {op for ops in FEATURES.values() for _, op in ops} if tag == "pairs" else None
        print(json.dumps(g.scenario("%s-%d-%d" % (tag, a.seed, k), pair_ops), separators=(",", ":")))


if __name__ == "__main__":
    main()
