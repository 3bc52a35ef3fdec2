#!/usr/bin/env python3
"""Counts the untainted scenarios in which a coro was interrupted inside an operation.

usage: pairs.py [--least N] SCENARIOS TRACES [SCENARIOS TRACES ...]
Prints a row an operation and a column an interruption. With --least, fails if a pair that can be
untainted was hit by fewer scenarios. (An interrupted put or join is always tainted, but for a
cancelled joiner; `down` and the others that are woken by an `up` can be both.)
"""
import collections, json, sys

HOW = ("throw", "cancel", "safe_cancel", "ready")
OPS = ("down", "guard", "sem_wait", "get", "put", "join", "rouse_wait", "schedule", "cede", "cede_notself",
       "schedule_to", "cede_to", "wait", "rdlock", "wrlock", "set_down", "set_guard", "set_wait")
ALWAYS_TAINTED = {("put", "throw"), ("put", "cancel"), ("put", "safe_cancel"), ("join", "throw"), ("join", "safe_cancel")}


def traces(path):
    ident, events = None, []
    for line in open(path):
        event = json.loads(line)
        if event["e"] == "scenario": ident, events = event["id"], []
        else: events.append(event)
        if event["e"] == "outcome": yield ident, events


def hits(scenario, events):
    ops = {c["name"]: c["ops"] for c in scenario["coros"]}
    doing, meant, hit = {}, {}, set()
    for event in events:
        kind, coro = event["e"], event.get("c")
        if kind == "op":
            op = ops[coro][event["i"]]
            if op[0] in HOW and op[1] != coro and op[1] in doing: meant[coro] = (doing[op[1]], op[0])
            doing[coro] = op[0]
        elif kind in ("ret", "exc"):
            pair = meant.pop(coro, None)
            if pair and "skip" not in event: hit.add(pair)
            doing.pop(coro, None)
        elif kind == "destroyed": doing.pop(coro, None)
    return hit


def main(args):
    least = int(args[1]) if args[:1] == ["--least"] else None
    if least is not None: args = args[2:]
    count, scenarios = collections.Counter(), 0
    for inputs, outputs in zip(args[::2], args[1::2]):
        known = {s["id"]: s for s in map(json.loads, open(inputs))}
        for ident, events in traces(outputs):
            if events[-1].get("taint") == []:
                scenarios += 1
                count.update(hits(known[ident], events))
    print("%d untainted scenarios" % scenarios)
    print("%-14s" % "inside" + "".join("%12s" % how for how in HOW))
    few = []
    used = [op for op in OPS if any(count[op, how] for how in HOW)]
    for op in used:
        print("%-14s" % op + "".join("%12d" % count[op, how] for how in HOW))
        few += ["%s/%s" % (op, how) for how in HOW if (op, how) not in ALWAYS_TAINTED and count[op, how] < (least or 0)]
    if few: print("fewer than %d: %s" % (least, " ".join(few)))
    return 1 if few else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
