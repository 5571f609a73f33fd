#!/usr/bin/python3
"""Finds text that must not be in the repository: paths of one machine, merge marks, open ends, stray white space."""

import pathlib
import re

from source_files import Finding, repository_files, run_check

BINARY = (".png", ".jpg", ".ico", ".woff2", ".bin", ".gz", ".zst", ".pb", ".pdf")
FOREIGN = ("tests/corpora/", "tests/fixtures/", "tools/tests/")  # recorded bytes, and bad examples on purpose
RULES = [  # (pattern, what to do)
    (re.compile(r"(?<![\w.])/(?:work|root|home/\w+)/"), "a path of one machine; make it relative or configurable"),
    (re.compile(r"^(?:<{7}|>{7})(?: |$)"), "a merge mark; finish the merge"),
    (re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b"), "an open end; do it now or say in a document what is missing"),
    (re.compile(r"[ \t]+$"), "trailing white space; delete it"),
    (re.compile(r"\b(?:registry\.npmjs\.org|files\.pythonhosted\.org|deb\.debian\.org)"), "a registry's host; name the package"),
    (re.compile(r"\b(?:sk-[A-Za-z0-9]{32,}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY)"), "looks like a secret; remove it"),
]
EMOJI = re.compile("[\U0001f300-\U0001faff]")  # tests may hold them: they are what a user sends


def check(root: pathlib.Path) -> list[Finding]:
    findings = []
    for path in repository_files(root):
        if path.endswith(BINARY) or path.startswith(FOREIGN) or path in ("LICENSE", "tools/check_words.py"):
            continue
        text = (root / path).read_text()
        if text and not text.endswith("\n"):
            findings.append(Finding(path, text.count("\n") + 1, "no newline at the end; add one"))
        for number, line in enumerate(text.splitlines(), start=1):
            findings += [Finding(path, number, advice) for pattern, advice in RULES if pattern.search(line)]
            if EMOJI.search(line) and not re.search(r"\btests?/|[_.]test\.", path):
                findings.append(Finding(path, number, "an emoji; write a word"))
    return findings


if __name__ == "__main__":
    run_check(check)
