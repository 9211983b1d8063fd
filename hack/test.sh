#!/bin/sh
# `make test`: everything, from the quick checks to the real servers. Ends with one line that counts.
set -u
cd "$(dirname "$0")/.." || exit 1
PATH="$PWD/node_modules/.bin:$PATH"
hack/setup-tests.sh || exit 1
rm -rf .cache && mkdir -p .cache
failed=0
section() {
  printf '\n== %s\n' "$1"
  shift
  "$@" || failed=1
}
jest() { NODE_OPTIONS=--experimental-vm-modules node node_modules/jest/bin/jest.js "$@"; }
project() {
  name=$1
  shift
  jest --selectProjects "$name" "$@" --json --outputFile ".cache/$name.json"
}
section "format, lint, types, generated files, dead code" hack/check.sh --static
section "unit, property and architecture tests" project unit --maxWorkers=100%
section "tests that wait for sockets, processes and timers" project wire --maxWorkers=100%
section "integration tests against real components" project integration --runInBand
section "conformance" node test/conformance/main.ts
section "demo" node demo/main.ts
section "demo on a real API server" node demo/cluster/main.ts --play
node hack/tally.ts .cache/unit.json .cache/wire.json .cache/integration.json || failed=1
exit $failed
