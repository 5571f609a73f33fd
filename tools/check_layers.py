#!/usr/bin/python3
"""Checks that includes and imports follow tools/layers.toml."""

import graphlib
import pathlib
import posixpath
import re
import tomllib

from source_files import Finding, repository_files, run_check

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
IMPORT = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(\s*|^\s*import\s+)["']([^"']+)["']""")
RULES = "tools/layers.toml"


def check(root: pathlib.Path) -> list[Finding]:
    rules = tomllib.loads((root / RULES).read_text())
    findings = rule_findings(root, rules)
    for path in repository_files(root, ".cc", ".h"):
        tree, *rest = path.split("/")
        if tree == "src" and len(rest) > 1:
            findings += lines_that_match(root, path, INCLUDE, lambda inc: src_problem(rules, rest[0], inc))
        if tree in rules["trees"]:
            findings += lines_that_match(root, path, INCLUDE, lambda inc: tree_problem(root, rules["trees"], path, inc))
    for path in repository_files(root, ".ts", ".tsx"):
        if path.startswith("ui/src/"):
            findings += lines_that_match(root, path, IMPORT, lambda name: ui_problem(rules["ui"], path, name))
    return findings


def rule_findings(root: pathlib.Path, rules: dict) -> list[Finding]:
    """The rules themselves: no cycle, no unknown name, no module without a folder or folder without a rule."""
    findings = []
    for section in ("src", "trees", "ui"):
        try:
            graphlib.TopologicalSorter(rules[section]).prepare()
        except graphlib.CycleError as error:
            findings.append(Finding(RULES, 1, f"[{section}] has a cycle: {' -> '.join(error.args[1])}; remove one edge"))
        for name, allowed in rules[section].items():
            for other in allowed:
                if other not in rules[section]:
                    findings.append(Finding(RULES, 1, f"[{section}] {name} names '{other}', which has no rule; add it"))
    folders = {path.split("/")[1] for path in repository_files(root) if path.startswith("src/") and path.count("/") > 1}
    for name in sorted(folders - rules["src"].keys()):
        findings.append(Finding(RULES, 1, f"src/{name} has no rule; say in [src] what it may include"))
    for name in sorted(rules["src"].keys() - folders):
        findings.append(Finding(RULES, 1, f"[src] has a rule for {name}, which does not exist; delete it"))
    return findings


def lines_that_match(root: pathlib.Path, path: str, pattern: re.Pattern, problem) -> list[Finding]:
    findings = []
    for number, line in enumerate((root / path).read_text().splitlines(), start=1):
        for match in pattern.finditer(line):
            text = problem(match.group(1))
            if text:
                findings.append(Finding(path, number, text))
    return findings


def src_problem(rules: dict, module: str, include: str) -> str | None:
    modules = rules["src"]
    if module in rules["outside"].get(include, []):
        return None
    target, *rest = include.split("/")
    if target not in modules:
        return f"'{include}' is not a path from src/; write the module first, as in \"base/result.h\""
    if target == module:
        return None
    if target not in modules.get(module, []):
        allowed = ", ".join(modules.get(module, [])) or "none"
        return f"module {module} must not include {target} (allowed: {allowed}); pass a value in, or move the code"
    if "internal" in rest[:-1]:
        return f"'{include}' is internal to {target}; use its public header"
    return None


def tree_problem(root: pathlib.Path, trees: dict, path: str, include: str) -> str | None:
    """A quoted include that exists in another tree and not in the file's own."""
    tree = path.split("/")[0]

    def has(other: str) -> bool:
        return any((root / other / folder / include).is_file() for folder in (".", "include", "src"))

    if has(tree) or (root / path).parent.joinpath(include).is_file():
        return None
    for other in trees:
        if other != tree and other not in trees[tree] and has(other):
            return f"{tree}/ must not include '{include}' of {other}/; see [trees] in {RULES}"
    return None


def ui_problem(layers: dict, path: str, name: str) -> str | None:
    if name.startswith("@/"):
        target = posixpath.join("ui/src", name[2:])
    elif name.startswith("."):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
    else:
        return None
    source_parts, target_parts = path.split("/")[2:], target.split("/")[2:]
    if not target.startswith("ui/src/") or len(target_parts) < 2 or len(source_parts) < 2:
        return None
    source, destination = source_parts[0], target_parts[0]
    if source == destination:
        if source == "features" and source_parts[1] != target_parts[1]:
            return f"feature {source_parts[1]} must not import feature {target_parts[1]}; move what they share to panels, widgets or api"
        return None
    if source not in layers:
        return f"ui/src/{source} has no rule; say in [ui] of {RULES} what it may import"
    if destination not in layers[source]:
        return f"{source} must not import {destination} (allowed: {', '.join(layers[source]) or 'none'})"
    return None


if __name__ == "__main__":
    run_check(check)
