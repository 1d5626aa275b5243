#!/usr/bin/env bash
# Replays recorded answers of a Kubernetes API server against this one. Scenarios listed in Tests/golden-exceptions.txt
# are not yet expected to agree; every other one must.
set -uo pipefail
cd "$(dirname "$0")/.."
golden=${1:?usage: replay-golden.sh FOLDER [golden.py arguments]}
shift
binary=${MARTLET:-.build/debug/martlet}
work=$(mktemp -d)
server=
cleanup() {
    [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

cat >"$work/tokens.csv" <<'TOKENS'
admin-token,admin,uid-1,"system:masters"
alice-token,alice,uid-2,"dev,qa"
bob-token,bob,uid-3
TOKENS
port=${PORT:-16443}
"$binary" apiserver --data-dir "$work/data" --secure-port "$port" --token-auth-file "$work/tokens.csv" \
    --service-cluster-ip-range 10.0.0.0/16 --disable-admission-plugins ServiceAccount --log-level warning \
    >"$work/log" 2>&1 &
server=$!
for _ in $(seq 200); do
    curl --silent --fail --cacert "$work/data/pki/ca.crt" -H 'Authorization: Bearer admin-token' \
        "https://127.0.0.1:$port/readyz" >/dev/null 2>&1 && break
    kill -0 "$server" 2>/dev/null || { echo "the server ended early:" >&2; cat "$work/log" >&2; exit 1; }
    sleep 0.05
done

exceptions=$(grep -v -e '^#' -e '^$' Tests/golden-exceptions.txt | paste -sd'|')
python=python3
[ -x .venv/bin/python ] && python=.venv/bin/python
"$python" "$golden/golden.py" replay --server "https://127.0.0.1:$port" --ca "$work/data/pki/ca.crt" \
    --token admin-token --skip "^(${exceptions:-none})\$" "$@"
status=$?
kill -0 "$server" 2>/dev/null || { echo "the server ended during the replay:" >&2; tail -40 "$work/log" >&2; status=1; }
exit "$status"
