#!/usr/bin/env bash
# Runs a network as seven processes with mutual TLS between them.
#   deploy/seven.sh DIR        DIR was made by `casenet init --data DIR`
set -euo pipefail
data=${1:?usage: deploy/seven.sh DIR}
casenet=${CASENET:-casenet}
pids=()
stop() { kill "${pids[@]}" 2>/dev/null || true; wait || true; }
trap stop EXIT INT TERM
for role in casebook union lawfirm labour judiciary media gateway; do
  "$casenet" serve --data "$data" --role "$role" &
  pids+=($!)
done
wait -n
