#!/bin/sh
# Writes every generated file, or with --check fails where a committed one differs.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
exec node hack/generate/main.ts "$@"
