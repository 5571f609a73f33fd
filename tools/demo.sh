#!/usr/bin/env bash
# Serves, lets the demo agent answer one question against a scripted model, and says where to look. See ./x help demo.
set -euo pipefail
source "$(dirname "$0")/env.sh"
cd "$ROOT"

port=6006
data_dir=${XDG_DATA_HOME:-$HOME/.local/share}/nightjar/demo
once=false
while [[ $# -gt 0 ]]; do
  case $1 in
    --port) port=${2:?--port needs a number} && shift 2 ;;
    --data-dir) data_dir=${2:?--data-dir needs a folder} && shift 2 ;;
    --once) once=true && shift ;;
    *) die "demo has no flag '$1'; ./x help demo lists them" ;;
  esac
done

scratch=$(mktemp -d)
started=()
stop() {
  if [[ ${#started[@]} -gt 0 ]]; then
    kill -TERM "${started[@]}" 2>/dev/null || true
    wait "${started[@]}" || true
  fi
  rm -rf "$scratch"
}
trap stop EXIT
trap 'exit 0' INT TERM

# start NAME COMMAND...: runs it in the background, waits for its ready line, and sets `address` to what that says.
start() {
  local name=$1 line output
  shift
  mkfifo "$scratch/$name"
  "$@" >"$scratch/$name" &
  started+=($!)
  exec {output}<"$scratch/$name"
  read -r -t 60 line <&"$output" || die "$name did not become ready; what it said is above"
  address=$(sed -n 's/.*"http": *"\([^"]*\)".*/\1/p' <<<"$line")
}

flags=(--port "$port" --data-dir "$data_dir")
if [[ $port == 0 ]]; then flags+=(--otlp-http-port 0 --grpc-port 0); fi

say "starting nightjar on $data_dir"
start nightjar build/release/nightjar serve "${flags[@]}"
nightjar=$address
start model build/release/scripted_llm --port 0
model=$address

say "running the demo agent"
build/release/run_traced --llm-url "http://$model/v1" --endpoint "http://$nightjar/v1/traces"
say "nightjar is at http://$nightjar"

if $once; then exit 0; fi
say "Ctrl-C ends it"
wait "${started[0]}"
