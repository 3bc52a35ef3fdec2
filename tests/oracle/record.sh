#!/bin/sh
# Records the corpus from Perl's Coro: ../corpus/SET.scenarios.jsonl and SET.theirs.jsonl, packed but for those that
# are written by hand. With a seed and a runner that is built, the scenarios are made anew too: some of each profile,
# and as many of `pairs` as it takes to hit each pair LEAST times. Without, only their traces.
#
# usage: record.sh [seed runner]
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 2
cd "$here/../corpus" || exit 2
perl -MCoro -e 1 || { echo "record.sh: Perl's Coro is not installed (Debian: libcoro-perl)"; exit 2; }
LEAST=${LEAST:-55}
BASE=${BASE:-130}
CANDIDATES=${CANDIDATES:-40000}
record() { perl "$here/oracle.pl" < "$1.scenarios.jsonl" > "$1.theirs.jsonl" || exit 1; }
pack() { gzip -9nf "$1.scenarios.jsonl" "$1.theirs.jsonl" || exit 1; }
make() { set=$1; shift; python3 "$here/gen.py" --seed "$seed" "$@" > "$set.scenarios.jsonl" || exit 1; record "$set"; }

for set in by-hand broken self-throw; do record $set; done
if [ $# -eq 0 ]; then
   for packed in *.scenarios.jsonl.gz; do
      set=${packed%.scenarios.jsonl.gz}
      gunzip -f "$packed" && record "$set" && pack "$set" || exit 1
   done
   exit 0
fi
seed=$1 runner=$2
tmp=$(mktemp -d) || exit 2
for profile in core prio wake kill cancel throw sem semkill sigkill chankill rwkill joinkill channel signal rwlock semset sched all suspend; do
   make $profile --count "$BASE" --profile $profile
done
for profile in prio sched all; do make high-$profile --count "$BASE" --prio-max 3 --profile $profile; done
for set in *.scenarios.jsonl; do echo "$set ${set%.scenarios.jsonl}.theirs.jsonl"; done | xargs "$runner" --list-pairs > "$tmp/have" || exit 1
python3 "$here/gen.py" --seed "$seed" --count "$CANDIDATES" --coros 2-4 --len 1-4 --profile pairs > "$tmp/pairs" || exit 1
split -n l/2 "$tmp/pairs" "$tmp/half-"
for half in "$tmp"/half-a?; do perl "$here/oracle.pl" < "$half" > "$half.theirs" & done
wait
cat "$tmp"/half-*.theirs > "$tmp/theirs"
"$runner" --list-pairs "$tmp/pairs" "$tmp/theirs" > "$tmp/candidates" || exit 1
python3 "$here/choose.py" "$LEAST" "$tmp/have" "$tmp/candidates" "$tmp/pairs" "$tmp/theirs" pairs || exit 1
for set in *.scenarios.jsonl; do
   case $set in by-hand.* | broken.* | self-throw.*) ;; *) pack "${set%.scenarios.jsonl}" ;; esac
done
rm -rf "$tmp"
