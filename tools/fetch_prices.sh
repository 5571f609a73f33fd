#!/usr/bin/env bash
# Downloads the package of model prices (170 kB) into the user's cache folder, once. Version and hash are pinned in
# tools/price-requirements.txt; pip refuses another. Prints the wheel's path.
set -euo pipefail
source "$(dirname "$0")/env.sh"

requirements=$ROOT/tools/price-requirements.txt
version=$(sed -n 's/^genai-prices==\([^ ]*\).*/\1/p' "$requirements")
wheel=$CACHE/genai_prices-$version-py3-none-any.whl

if [[ ! -f $wheel ]]; then
  mkdir -p "$CACHE"
  work=$(mktemp -d "$CACHE/prices.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  say "downloading the prices of models (genai-prices $version)"
  "$PYTHON" -m pip download --quiet --no-deps --only-binary :all: --require-hashes --dest "$work" -r "$requirements" >&2
  mv "$work/$(basename "$wheel")" "$wheel"
fi
echo "$wheel"
