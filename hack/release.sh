#!/bin/sh
# Makes everything that a release consists of, from a tag: `hack/release.sh v0.1.0 [OUT]`.
#   pratique-VERSION.tgz         the npm package: the bundle, no dependencies
#   pratique_VERSION.tar.gz      the same as an archive, for krew and CI: unpack it and run bin/pratique with Node 24
#   pratique-chart-VERSION.tgz   the Helm chart
#   pratique-image-VERSION.tar   the image as an OCI archive (only with --image)
#   sbom.spdx.json, provenance.json, checksums.txt
# --dry-run: no tag is needed, and nothing is checked against it. Nothing is ever pushed: the last lines say how.
set -eu
cd "$(dirname "$0")/.."
usage() { echo "usage: hack/release.sh [--dry-run] [--image] vVERSION [OUT]" >&2; exit 2; }
dry=""
image=""
while [ $# -gt 0 ]; do
  case "$1" in
    --dry-run) dry=1 ;;
    --image) image=1 ;;
    -*) usage ;;
    *) break ;;
  esac
  shift
done
tag=${1:-}
case "$tag" in v[0-9]*) ;; *) usage ;; esac
version=${tag#v}
out=${2:-dist/release}
fail() { echo "release: $1" >&2; exit 1; }

hack/setup.sh
PATH="$PWD/node_modules/.bin:$PATH"
declared=$(node -p "require('./package.json').version")
[ "$declared" = "$version" ] || fail "package.json says $declared, not $version; change it, and version and appVersion of charts/pratique/Chart.yaml"
grep -qx "version: $version" charts/pratique/Chart.yaml || fail "charts/pratique/Chart.yaml has another version than $version"
grep -qx "appVersion: $version" charts/pratique/Chart.yaml || fail "charts/pratique/Chart.yaml has another appVersion than $version"
commit=$(git rev-parse HEAD 2>/dev/null || echo unknown)
if [ -z "$dry" ]; then
  [ -z "$(git status --porcelain)" ] || fail "the work tree has changes; commit them first"
  [ "$(git rev-parse "$tag^{commit}" 2>/dev/null)" = "$commit" ] || fail "HEAD is not the commit of the tag $tag"
fi

mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
step() { echo "release: $1" >&2; }

step "the command, as a package and as an archive"
npm pack --silent --pack-destination "$out" >/dev/null
mkdir "$work/pratique-$version"
tar -xzf "$out/pratique-$version.tgz" -C "$work/pratique-$version" --strip-components=1
tar -czf "$out/pratique_$version.tar.gz" -C "$work" --sort=name --owner=0 --group=0 --numeric-owner \
  --mtime="@$(git log -1 --format=%ct 2>/dev/null || echo 0)" "pratique-$version"

step "the chart"
"$(hack/setup-helm.sh helm)" package charts/pratique --destination "$work" >/dev/null
mv "$work/pratique-$version.tgz" "$out/pratique-chart-$version.tgz"

if [ -n "$image" ]; then
  step "the image"
  cp "$(hack/setup-image.sh)" "$out/pratique-image-$version.tar"
fi

step "software bill of materials, provenance, checksums"
npm sbom --sbom-format spdx --package-lock-only >"$out/sbom.spdx.json"
(cd "$out" && find . -maxdepth 1 -type f ! -name checksums.txt ! -name provenance.json -printf '%f\n' | LC_ALL=C sort |
  xargs sha256sum >checksums.txt)
node hack/provenance.ts "$out" "$commit" "$tag" >"$out/provenance.json"

cat <<TEXT
$out:
$(cd "$out" && cat checksums.txt)

To publish, sign the checksums, and everything follows from them:
  cosign sign-blob --bundle $out/checksums.txt.bundle $out/checksums.txt
  npm publish $out/pratique-$version.tgz
  helm push $out/pratique-chart-$version.tgz oci://REGISTRY/charts
  skopeo copy oci-archive:$out/pratique-image-$version.tar docker://REGISTRY/pratique:$version
TEXT
