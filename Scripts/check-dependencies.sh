#!/usr/bin/env bash
# Fails where SwiftNIO has come into the resolved package graph: the transport is the product's own.
set -euo pipefail
cd "$(dirname "$0")/.."
graph=$(swift package show-dependencies --format json)
if grep -qi 'swift-nio' <<<"$graph"; then
    echo "SwiftNIO is in the resolved package graph" >&2
    exit 1
fi
