#!/bin/sh
# Kills a writing store many times and checks that it lost nothing: Scripts/crash-test.sh [crashes] [seed]
set -eu
crashes=${1:-200}
seed=${2:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
cd "$(dirname "$0")/.."
swift build --product martlet-crash-test -c "${CONFIGURATION:-debug}"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
"$(swift build --show-bin-path -c "${CONFIGURATION:-debug}")/martlet-crash-test" drive "$directory/store" "$crashes" "$seed"
