#!/usr/bin/env python3
"""Chooses the fewest scenarios that hit each pair often enough.

usage: choose.py LEAST HAVE CANDIDATES SCENARIOS TRACES OUTPUT
HAVE and CANDIDATES are what `scenario --list-pairs` prints: of the scenarios that are recorded anyway, and of those in
SCENARIOS, whose traces are in TRACES. Writes OUTPUT.scenarios.jsonl and OUTPUT.theirs.jsonl. Greedy: of the rarest pair
that lacks scenarios, the one that hits most pairs that do.
"""
import collections, json, sys


def read(path):
    pairs = collections.defaultdict(set)
    for line in open(path):
        ident, _, _, op, how = line.rsplit(" ", 4)
        pairs[ident].add((op, how))
    return pairs


def main(least, have, candidates, scenarios, traces, output):
    candidates = read(candidates)
    need = collections.Counter(pair for pairs in candidates.values() for pair in pairs)
    rare = sorted(need, key=lambda pair: (need[pair], pair))
    count = collections.Counter(pair for pairs in read(have).values() for pair in pairs)
    chosen = set()
    for pair in rare:
        having = sorted(ident for ident, pairs in candidates.items() if pair in pairs and ident not in chosen)
        while count[pair] < int(least) and having:
            best = max(having, key=lambda ident: sum(count[p] < int(least) for p in candidates[ident]))
            having.remove(best)
            chosen.add(best)
            count.update(candidates[best])
    with open(output + ".scenarios.jsonl", "w") as out:
        for line in open(scenarios):
            if json.dumps(json.loads(line)["id"]) in chosen: out.write(line)
    with open(output + ".theirs.jsonl", "w") as out:
        for line in open(traces):
            if line.startswith('{"e":"scenario"'): wanted = json.dumps(json.loads(line)["id"]) in chosen
            if wanted: out.write(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
