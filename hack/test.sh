#!/bin/sh
# `make test`: everything, from the quick checks to the real servers. Ends with one line that counts.
set -u
cd "$(dirname "$0")/.." || exit 1
PATH="$PWD/node_modules/.bin:$PATH"
export NODE_OPTIONS=--experimental-vm-modules
hack/setup-tests.sh || exit 1
mkdir -p .cache
failed=0
section() {
  printf '\n== %s\n' "$1"
  shift
  "$@" || failed=1
}
jest() { node node_modules/jest/bin/jest.js "$@"; }
section "format, lint, types, generated files, dead code" hack/check.sh --static
section "unit, property and architecture tests" jest --selectProjects unit --json --outputFile .cache/unit.json
section "integration tests against real components" \
  jest --selectProjects integration --runInBand --json --outputFile .cache/integration.json
section "conformance" node test/conformance/main.ts
section "demo" node demo/main.ts
node hack/tally.ts .cache/unit.json .cache/integration.json || failed=1
exit $failed
