"""What every checker shares: which files belong to the repository, and how a finding is printed."""

import argparse
import pathlib
import subprocess
import sys
from typing import NamedTuple


class Finding(NamedTuple):
    path: str
    line: int
    text: str  # what is wrong, then what to do

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


def repository_files(root: pathlib.Path, *suffixes: str) -> list[str]:
    """Paths relative to root that git keeps or would add, sorted; all of them, or those with one of the suffixes."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, check=True, capture_output=True, text=True,
    ).stdout
    paths = {path for path in listing.split("\0") if path and (root / path).is_file()}
    return sorted(path for path in paths if not suffixes or path.endswith(suffixes))


def run_check(check) -> None:
    """main() of a checker: check(root) returns findings; they are printed, and any of them is a failure."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    findings = check(parser.parse_args().root)
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)
