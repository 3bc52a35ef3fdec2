#!/bin/sh
# Records the traces of Perl's Coro anew: traces/NAME.theirs.jsonl for every traces/NAME.scenarios.jsonl.
# With a seed and a runner that is built, also makes the scenarios of the profiles anew (by-hand, broken and
# self-throw are written by hand): of the ops that the runner has, and some of every object for runners to come.
#
# usage: record.sh [seed runner]
set -u
cd "$(dirname "$0")" || exit 2
perl -MCoro -e 1 || exit 2
if [ $# -gt 0 ]; then
   ops=$("$2" --ops) || exit 2
   for profile in core prio wake kill cancel throw sem semkill channel chankill joinkill sched all suspend; do
      python3 gen.py --seed "$1" --count 22 --profile $profile --only-ops "$ops" > traces/$profile.scenarios.jsonl || exit 1
   done
   python3 gen.py --seed "$1" --count 60 --coros 2-4 --len 2-6 --profile pairs --only-ops "$ops" > traces/pairs.scenarios.jsonl || exit 1
   for profile in signal sigkill rwlock rwkill semset; do
      python3 gen.py --seed "$1" --count 15 --profile $profile --without sigcb > traces/$profile.scenarios.jsonl || exit 1
   done
fi
for scenarios in traces/*.scenarios.jsonl; do
   perl oracle.pl < "$scenarios" > "${scenarios%.scenarios.jsonl}.theirs.jsonl" || exit 1
done
