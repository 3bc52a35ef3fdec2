#!/bin/sh
# Runs fresh scenarios on Perl's Coro and on ours, and compares the traces.
#
# usage: live.sh [count of scenarios for each profile] [seed]
#
# Exit status 0: all equal, and enough was compared. 1: something differs, an invariant is broken,
# or fewer untainted traces than half of the scenarios were compared. 2: it could not be run.
# SCENARIO names a runner that is built already, PROFILES the profiles, OUT a folder to keep the files.
set -u
count=${1:-200}
seed=${2:-$(date +%Y%m%d)}
here=$(cd "$(dirname "$0")" && pwd) || exit 2
profiles=${PROFILES:-core prio wake kill cancel throw sem semkill channel chankill joinkill pairs sched sigkill rwkill signal rwlock semset all suspend}
perl -MCoro -e 1 || { echo "live.sh: Perl's Coro is not installed (Debian: libcoro-perl)"; exit 2; }
runner=${SCENARIO:-}
if [ -z "$runner" ]; then
   cargo build --release --manifest-path "$here/../Cargo.toml" --bin scenario || exit 2
   runner=${CARGO_TARGET_DIR:-$here/../../target}/release/scenario
fi
out=${OUT:-$(mktemp -d)} && mkdir -p "$out" || exit 2
ops=$("$runner" --ops) || exit 2
status=0
for profile in $profiles; do
   f=$out/$profile
   if ! python3 "$here/gen.py" --seed "$seed" --count "$count" --profile "$profile" --only-ops "$ops" > "$f.scenarios.jsonl"; then
      echo "$profile: gen.py failed"; status=1; continue
   fi
   perl "$here/oracle.pl" < "$f.scenarios.jsonl" > "$f.theirs.jsonl" || { echo "$profile: oracle.pl failed"; status=1; }
   "$runner" < "$f.scenarios.jsonl" > "$f.ours.jsonl" || { echo "$profile: our runner failed"; status=1; }
   case $profile in suspend) least=0 ;; *) least=$((count / 2)) ;; esac
   printf '%s seed=%s ' "$profile" "$seed" > "$f.result"
   "$runner" --compare "$f.scenarios.jsonl" "$f.theirs.jsonl" "$f.ours.jsonl" --at-least "$least" > "$f.report" || status=1
   grep -v '^scenarios=' "$f.report"
   grep '^scenarios=' "$f.report" >> "$f.result" || { echo "(no result)" >> "$f.result"; status=1; }
   cat "$f.result"
done
[ -n "${OUT:-}" ] || rm -rf "$out"
exit $status
