#!/bin/sh
# Everything that needs no server: format, lint (of the Engine API's document too), types, generated files, dead code, unit and architecture tests.
# Under 30 seconds. With --static all but the tests.
cd "$(dirname "$0")/.." || exit 1
PATH="$PWD/node_modules/.bin:$PATH"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
step() {
  name=$1
  shift
  "$@" >"$out/$name.log" 2>&1
  echo $? >"$out/$name.status"
}
statics="format lint lint-api types generated dead-code"
# Two lanes: the tests take as long as all the others together.
{
  step format biome format .
  step lint oxlint --type-aware --deny-warnings src test demo hack
  step lint-api npm run --silent lint-api
  step types tsc --noEmit --incremental --tsBuildInfoFile .cache/types.tsbuildinfo
  step generated hack/generated.sh --check
  step dead-code knip
} &
[ "${1:-}" = --static ] || { step unit npm run --silent unit; names=unit; }
wait
failed=0
for name in $statics ${names:-}; do
  if [ "$(cat "$out/$name.status")" = 0 ]; then
    echo "ok    $name"
  else
    echo "FAIL  $name"
    cat "$out/$name.log"
    failed=1
  fi
done
[ -z "${names:-}" ] || grep -E '^Tests:' "$out/unit.log"
exit $failed
