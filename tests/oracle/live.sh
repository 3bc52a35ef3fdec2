#!/bin/sh
# Runs fresh scenarios on Perl's Coro and on ours, and compares the traces.
#
# usage: live.sh [count of scenarios for each profile] [seed]
#
# Also runs long ones (20 coros of 40 operations), and some with coros of priority 3; more of `pairs`.
# Exit status 0: all equal, and enough was compared. 1: something differs, an invariant is broken,
# or too few untainted traces were compared (half of most sets). 2: it could not be run.
# SCENARIO names a runner that is built already, SETS the sets, OUT a folder to keep the files.
set -u
self=$0
here=$(cd "$(dirname "$0")" && pwd) || exit 2

# one SET: makes its scenarios, runs both sides at the same time, and compares.
if [ "${1:-}" = --one ]; then
   set=$2; count=$COUNT; profile=${set#*-}; f=$OUT/$set; more=
   case $set in
      long-*) count=$((COUNT / 20)); more="--coros 20 --len 40" ;;
      high-*) more="--prio-max 3" ;;
      short-*) more="--coros 2-4 --len 1-4" ;;
   esac
   python3 "$here/gen.py" --seed "$SEED" --count "$count" --profile "$profile" $more > "$f.scenarios.jsonl" || exit 1
   "$SCENARIO" < "$f.scenarios.jsonl" > "$f.ours.jsonl" || { echo "$set: our runner failed"; exit 1; } &
   ours=$!
   perl "$here/oracle.pl" < "$f.scenarios.jsonl" > "$f.theirs.jsonl" || { echo "$set: oracle.pl failed"; exit 1; }
   wait $ours || exit 1
   case $set in suspend) least=0 ;; long-kill | long-all | long-semset) least=$((count / 20)) ;; *) least=$((count / 2)) ;; esac
   "$SCENARIO" --compare "$f.scenarios.jsonl" "$f.theirs.jsonl" "$f.ours.jsonl" --at-least "$least" > "$f.report"
   status=$?
   sed "s/^scenarios=/$set seed=$SEED &/" "$f.report"
   exit $status
fi

COUNT=${1:-1050}
SEED=${2:-$(date +%Y%m%d)}
SETS=${SETS:-long-core long-prio long-wake long-sched long-rwlock long-semset long-kill long-all
   high-prio high-sched high-all high-rwlock short-pairs
   core prio wake kill cancel throw sem semkill sigkill chankill rwkill joinkill channel signal rwlock semset sched all suspend}
perl -MCoro -e 1 || { echo "live.sh: Perl's Coro is not installed (Debian: libcoro-perl)"; exit 2; }
if [ -z "${SCENARIO:-}" ]; then
   cargo build --release --manifest-path "$here/../Cargo.toml" --bin scenario || exit 2
   SCENARIO=${CARGO_TARGET_DIR:-$here/../../target}/release/scenario
fi
keep=${OUT:-}
OUT=${OUT:-$(mktemp -d)} && mkdir -p "$OUT" || exit 2
export COUNT SEED SCENARIO OUT
status=0
printf '%s\n' $SETS | xargs -P "$(nproc)" -n 1 "$self" --one > "$OUT/result" || status=1
cat "$OUT/result"
awk '{ for (i = 1; i <= NF; i++) if (split($i, part, "=") == 2) sum[part[1]] += part[2] }
   END { printf "all scenarios=%d untainted=%d tainted=%d unsupported=%d different=%d violations=%d\n",
      sum["scenarios"], sum["untainted"], sum["tainted"], sum["unsupported"], sum["different"], sum["violations"] }' "$OUT/result"
[ "$(grep -c ' scenarios=' "$OUT/result")" = "$(printf '%s\n' $SETS | wc -l)" ] || { echo "a set has no result"; status=1; }
[ -n "$keep" ] || rm -rf "$OUT"
exit $status
