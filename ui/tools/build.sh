#!/bin/sh
# Usage: build.sh OUT
# Builds the web UI into OUT/dist and OUT/ui_assets.cc. node_modules is shared by all build folders, so one installs it
# alone while many may build; everything else happens in OUT.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$here"

installed=node_modules/.nightjar-lock
exec 9>"$here/.npm-ci.lock"
flock 9
if ! cmp -s package-lock.json "$installed"; then
  echo "web UI: installing packages (npm ci)"
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json "$installed"
fi
flock -s 9

echo "web UI: building"
npm run --silent build -- --outDir "$out/dist" --emptyOutDir --logLevel warn
node tools/embed.mjs "$out/dist" "$out"
