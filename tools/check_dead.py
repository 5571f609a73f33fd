#!/usr/bin/python3
"""Finds files that nothing uses, and links in Markdown that lead nowhere."""

import json
import pathlib
import posixpath
import re
from collections.abc import Iterator

from source_files import Finding, repository_files, run_check

COMPILE_COMMANDS = "build/release/compile_commands.json"
CPP_TREES = ("src/", "sdk/", "stack/")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]', re.MULTILINE)
UI_IMPORT = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\(\s*|src=|href=)["']([^"'?]+)""")
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
DOCUMENT_NAMED = re.compile(r"(?<!opentelemetry-proto )\bdocs/[\w/.-]+\.md\b")


def check(root: pathlib.Path) -> list[Finding]:
    return cpp_sources(root) + cpp_headers(root) + ui_modules(root) + tools(root) + documents(root)


def cpp_sources(root: pathlib.Path) -> list[Finding]:
    """Each .cc is in some target. Fuzzers are built by another preset, and found there by their name."""
    database = root / COMPILE_COMMANDS
    if not database.is_file():
        return [Finding(COMPILE_COMMANDS, 1, "missing; run ./x build")]
    compiled = {posixpath.relpath(entry["file"], root) for entry in json.loads(database.read_text())}
    return [
        Finding(path, 1, "is in no CMake target; add it or delete it")
        for path in repository_files(root, ".cc")
        if path.startswith(CPP_TREES) and path not in compiled and not path.endswith("_fuzz.cc")
    ]


def cpp_headers(root: pathlib.Path) -> list[Finding]:
    """Each header is included by another file, by its path from an include folder or beside the includer."""
    included = set()
    for path in repository_files(root, ".cc", ".h"):
        for name in INCLUDE.findall((root / path).read_text()):
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
            included |= {f"src/{name}", f"sdk/include/{name}", f"sdk/{name}", f"sdk/src/{name}", f"stack/{name}", name, beside}
    return [
        Finding(path, 1, "no file includes this header; delete it")
        for path in repository_files(root, ".h")
        if path.startswith(CPP_TREES) and path not in included
    ]


def ui_modules(root: pathlib.Path) -> list[Finding]:
    """Each module of the UI is imported, or is a test, or is named in index.html."""
    sources = repository_files(root, ".ts", ".tsx", ".css", ".html", ".mjs")
    imported = set()
    for path in sources:
        for name in UI_IMPORT.findall((root / path).read_text()):
            if name.startswith("@/"):
                target = posixpath.join("ui/src", name[2:])
            elif name.startswith("/"):
                target = "ui" + name
            else:
                target = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
            stem = re.sub(r"\.(js|ts|tsx)$", "", target)
            imported |= {target, *(stem + suffix for suffix in (".ts", ".tsx", "/index.ts", "/index.tsx"))}
    return [
        Finding(path, 1, "nothing imports this module; delete it")
        for path in sources
        if path.startswith("ui/src/") and path not in imported and not re.search(r"\.test\.tsx?$|\.d\.ts$", path)
    ]


def tools(root: pathlib.Path) -> list[Finding]:
    """Each file of tools/ is named in x, CMake, another tool or a document."""
    readers = [path for path in repository_files(root) if path.split("/")[0] in ("x", ".ci", "tools", "cmake", "docs")]
    readers += [path for path in repository_files(root, "CMakeLists.txt", ".md", ".py")]
    texts = {path: (root / path).read_text(errors="replace") for path in readers}
    return [
        Finding(path, 1, "nothing names this file; delete it")
        for path in repository_files(root)
        if path.startswith("tools/") and not path.startswith("tools/tests/")
        and not any(named_in(path, text) for reader, text in texts.items() if reader != path)
    ]


def named_in(path: str, text: str) -> bool:
    """By its file name, or, for Python, by an import."""
    name = posixpath.basename(path)
    return name in text or (name.endswith(".py") and re.search(rf"\b(?:import|from) {name[:-3]}\b", text) is not None)


def documents(root: pathlib.Path) -> list[Finding]:
    """Each document below docs/ is linked from another one or named in code, and each link leads to something."""
    findings = []
    linked = set()
    for path, number, target in links(root):
        linked |= {target} | {f"{target}/{child.name}" for child in (root / target).glob("*")}
        if not (root / target).exists():
            findings.append(Finding(path, number, f"{target} does not exist; correct the link or write it"))
    findings += [
        Finding(path, 1, "no document links to this one; link it or delete it")
        for path in repository_files(root)
        if path.startswith("docs/") and path not in linked
    ]
    return findings


def links(root: pathlib.Path) -> Iterator[tuple[str, int, str]]:
    """Where a link stands, and the path it leads to: relative links in Markdown, documents named in code."""
    for path in repository_files(root, ".md", ".cc", ".h", ".py", ".ts", ".tsx"):
        if path.startswith("tools/tests/"):
            continue
        for number, line in enumerate((root / path).read_text().splitlines(), start=1):
            if path.endswith(".md"):
                for link in LINK.findall(line):
                    if "://" not in link and not link.startswith("mailto:"):
                        yield path, number, posixpath.normpath(posixpath.join(posixpath.dirname(path), link))
            else:
                for name in DOCUMENT_NAMED.findall(line):
                    yield path, number, name


if __name__ == "__main__":
    run_check(check)
