# shellcheck shell=bash
# Sourced by x and the scripts in tools/: where things are, and the few functions they share.
# Node.js: the one on PATH if it is new enough for Vite 8, else the pinned one that `./x setup` puts in the cache.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/nightjar
PYTHON=/usr/bin/python3 # Debian's own: its packages carry pytest, yaml and protobuf
NODE_VERSION=24.19.0
NODE_DIR=$CACHE/node-$NODE_VERSION
export ROOT CACHE PYTHON NODE_DIR
export PYTHONDONTWRITEBYTECODE=1

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
die() {
  printf 'x: %s\n' "$*" >&2
  exit 1
}

# Vite 8 needs Node 20.19 or 22.12.
node_is_new_enough() {
  command -v node >/dev/null && command -v npm >/dev/null || return 1
  node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1);
  ' || return 1
}

configure() { cmake -S "$ROOT" --preset "$1" --log-level=WARNING >/dev/null; }

# The UI's build installs its packages when package-lock.json has changed.
install_ui_packages() { configure release && cmake --build "$ROOT/build/release" --target nightjar_ui_build; }

use_pinned_node() {
  if [[ -x $NODE_DIR/bin/node ]] && ! node_is_new_enough; then PATH=$NODE_DIR/bin:$PATH; fi
}
use_pinned_node
