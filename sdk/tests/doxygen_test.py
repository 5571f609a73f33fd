#!/usr/bin/python3
"""Doxygen has nothing to complain of in the public headers: every type, enumeration and function at namespace scope is
described, and no comment says what Doxygen cannot read. Members and constants may speak for themselves.

usage: doxygen_test.py DOXYGEN"""

import pathlib
import re
import subprocess
import sys
import tempfile

SDK = pathlib.Path(__file__).resolve().parents[1]
SPEAKS_FOR_ITSELF = re.compile(r"Member .* of (class|struct) .* is not documented|Member .* \(variable\) of namespace .* is not documented")


def main(doxygen):
    with tempfile.TemporaryDirectory() as out:
        settings = (SDK / "Doxyfile").read_text() + f"\nOUTPUT_DIRECTORY = {out}\n"
        done = subprocess.run([doxygen, "-"], cwd=SDK, input=settings, capture_output=True, text=True)
        pages = len(list(pathlib.Path(out).glob("html/class*.html")))
    complaints = [line for line in done.stderr.splitlines() if not SPEAKS_FOR_ITSELF.search(line)]
    if done.returncode != 0 or complaints or pages < 15:
        sys.exit("\n".join([f"exit code {done.returncode}, {pages} pages of classes", *complaints[:20]]))


main(sys.argv[1])
