#!/usr/bin/env bash
# Runs the checks named in the arguments, or all of them. Each prints `file:line: what is wrong; what to do`.
set -euo pipefail
source "$(dirname "$0")/env.sh"
cd "$ROOT"

ALL=(format layers ratchet dead words limits shell tidy ui)

check_format() {
  local log
  log=$(git ls-files -z '*.h' '*.cc' | xargs -0 -r clang-format-19 --dry-run --Werror 2>&1) && return
  grep 'error:' <<<"$log" || echo "$log"
  echo "run ./x fmt"
  return 1
}
check_layers() { "$PYTHON" tools/check_layers.py; }
check_ratchet() { "$PYTHON" tools/check_ratchet.py; }
check_dead() { "$PYTHON" tools/check_dead.py; }
check_words() { "$PYTHON" tools/check_words.py; }
check_limits() { "$PYTHON" tools/check_limits.py; }
check_shell() { git ls-files -z '*.sh' x .ci/run | xargs -0 shellcheck; }
check_tidy() { "$PYTHON" tools/check_tidy.py "$@"; }
# What the API's document says of answers, for tsc.
make_ui_types() {
  cd ui/tools/openapi || return
  [[ node_modules/.package-lock.json -nt package-lock.json ]] || npm ci --silent --no-audit --no-fund || return
  npm run --silent types >/dev/null
}
check_ui() {
  install_ui_packages || return
  (make_ui_types) || return
  (cd ui && npm run --silent lint && npm run --silent typecheck)
}

checks=()
options=()
for argument in "$@"; do
  case $argument in
    --*) options+=("$argument") ;;
    *)
      [[ " ${ALL[*]} " == *" $argument "* ]] || die "no check '$argument'; there are: ${ALL[*]}"
      checks+=("$argument")
      ;;
  esac
done
if [[ ${#checks[@]} -eq 0 ]]; then checks=("${ALL[@]}"); fi

configure release # for the list of compiled files

failed=()
for check in "${checks[@]}"; do
  say "lint: $check"
  started=$SECONDS
  if "check_$check" "${options[@]}"; then
    echo "ok ($((SECONDS - started)) s)"
  else
    failed+=("$check")
  fi
done
if [[ ${#failed[@]} -gt 0 ]]; then die "lint found something: ${failed[*]}"; fi
