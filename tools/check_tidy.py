#!/usr/bin/python3
"""Runs clang-tidy on changed C++ files: those that differ from the merge base with origin/main, or, on main itself, from the
commit before. --all takes every file and has no time limit."""

import concurrent.futures
import json
import os
import pathlib
import posixpath
import subprocess
import sys
import time

from source_files import repository_files

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"
SECONDS_MAX = int(os.environ.get("NIGHTJAR_TIDY_SECONDS", "150"))


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout.strip()


def changed_files() -> list[str]:
    """Newest change first, so that a change too large for the time limit is checked where it is warmest."""
    head = git("rev-parse", "HEAD")
    base = git("merge-base", "HEAD", "origin/main")
    if base in ("", head):
        base = git("rev-parse", "--verify", "--quiet", "HEAD~1") or git("hash-object", "-t", "tree", "/dev/null")
    paths = git("diff", "--name-only", base, "--", "*.cc", "*.h").splitlines()
    paths += git("ls-files", "--others", "--exclude-standard", "--", "*.cc", "*.h").splitlines()
    paths = [path for path in paths if (ROOT / path).is_file()]
    return sorted(paths, key=lambda path: -(ROOT / path).stat().st_mtime)


def sources_of(paths: list[str], compiled: set[str]) -> list[str]:
    """The compiled files among the paths; for a header, the .cc of the same name."""
    candidates = (path.removesuffix(".h") + ".cc" if path.endswith(".h") else path for path in paths)
    return [path for path in dict.fromkeys(candidates) if path in compiled]


def tidy(path: str) -> tuple[str, int, str]:
    run = subprocess.run(
        ["clang-tidy-19", "-p", BUILD, "--quiet", "--extra-arg=-Wno-unknown-warning-option", path],
        cwd=ROOT, capture_output=True, text=True,
    )
    return path, run.returncode, run.stdout.replace(f"{ROOT}/", "")


def main() -> int:
    every = "--all" in sys.argv[1:]
    compiled = {posixpath.relpath(entry["file"], ROOT) for entry in json.loads((BUILD / "compile_commands.json").read_text())}
    sources = sources_of(repository_files(ROOT, ".cc") if every else changed_files(), compiled)
    started = time.monotonic()
    waiting, checked, failed = list(sources), 0, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        running = set()
        while waiting or running:
            in_time = every or time.monotonic() - started < SECONDS_MAX
            while waiting and in_time and len(running) < os.cpu_count():
                running.add(pool.submit(tidy, waiting.pop(0)))
            if not running:
                break
            done, running = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for path, code, output in (future.result() for future in done):
                checked += 1
                failed += code != 0
                print(output if code else f"  {path}", end="\n", flush=True)
    if waiting:
        print(f"clang-tidy: {checked} of {len(sources)} changed files within {SECONDS_MAX} s; ./x lint tidy --all checks the rest")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
