#!/usr/bin/python3
"""Checks file, header and function sizes, parameter counts and suppressions against tools/ratchet.toml."""

import ast
import pathlib
import re
import tomllib

import cpp_functions
from source_files import Finding, repository_files, run_check

RULES = "tools/ratchet.toml"
SOURCE_SUFFIXES = (".cc", ".h", ".ts", ".tsx", ".css", ".mjs", ".py", ".sh", ".cmake", "CMakeLists.txt")
SUPPRESSIONS = {  # name in ratchet.toml -> (pattern, files it is looked for in)
    "NOLINT": (re.compile(r"\bNOLINT"), (".cc", ".h")),
    "biome-ignore": (re.compile(r"\bbiome-ignore"), (".ts", ".tsx", ".css", ".mjs")),
    "noqa": (re.compile(r"#\s*noqa"), (".py",)),
    "shellcheck disable": (re.compile(r"#\s*shellcheck disable"), (".sh", "/run")),
    "ts-expect-error": (re.compile(r"@ts-(?:expect-error|ignore|nocheck)"), (".ts", ".tsx")),
    "TypeScript any": (re.compile(r"(?::|<|\bas|,|\|)\s*any\b(?!\s*[:(])"), (".ts", ".tsx")),
}
ADVICE = {
    "file_lines": "lines in one file; split it",
    "header_lines": "lines in one header; split it",
    "function_lines": "lines in one function; split it",
    "parameters": "parameters; make a struct of those that belong together",
}


class Ratchet:
    """Measures everything once, and compares with what the rules allow."""

    def __init__(self, rules: dict):
        self.rules = rules
        self.findings: list[Finding] = []
        self.seen = {kind: {} for kind in rules["limits"]}  # kind -> {name: greatest value}

    def measure(self, kind: str, name: str, value: int, line: int) -> None:
        self.seen[kind][name] = max(value, self.seen[kind].get(name, 0))
        limit = self.rules["limits"][kind]
        if value > self.rules["exceptions"][kind].get(name, limit):
            self.findings.append(Finding(name.split(":")[0], line, f"{label(name)}{value} {ADVICE[kind]} (limit {limit})"))

    def stale_exceptions(self) -> None:
        for kind, exceptions in self.rules["exceptions"].items():
            for name, allowed in exceptions.items():
                present = self.seen[kind].get(name)
                if present is None or present <= self.rules["limits"][kind]:
                    self.findings.append(Finding(RULES, 1, f"[exceptions.{kind}] {name} is not needed any more; delete it"))
                elif present < allowed:
                    self.findings.append(Finding(RULES, 1, f"[exceptions.{kind}] {name} is {present} now; lower it"))


def label(name: str) -> str:
    return name.split(":", 1)[1] + " has " if ":" in name else ""


def check(root: pathlib.Path) -> list[Finding]:
    rules = tomllib.loads((root / RULES).read_text())
    ratchet = Ratchet(rules)
    for path in repository_files(root, *SOURCE_SUFFIXES):
        text = (root / path).read_text()
        lines = text.count("\n")
        ratchet.measure("header_lines" if path.endswith(".h") else "file_lines", path, lines, 1)
        if path.endswith((".cc", ".h")):
            measured = cpp_functions.functions(text)
        elif path.endswith(".py"):
            measured = python_functions(text)
        else:
            measured = []
        for function in measured:
            name = f"{path}:{function.name}"
            ratchet.measure("function_lines", name, function.lines, function.line)
            ratchet.measure("parameters", name, function.parameters, function.line)
    ratchet.stale_exceptions()
    return ratchet.findings + suppression_findings(root, rules["suppressions"])


def python_functions(text: str) -> list[cpp_functions.Function]:
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            arguments = node.args.posonlyargs + node.args.args  # keyword-only ones are named at every call
            named = [argument for argument in arguments if argument.arg not in ("self", "cls")]
            found.append(cpp_functions.Function(node.name, node.lineno, node.end_lineno - node.lineno + 1, len(named)))
    return found


def suppression_findings(root: pathlib.Path, allowed: dict) -> list[Finding]:
    findings = []
    for name, (pattern, suffixes) in SUPPRESSIONS.items():
        places = []
        for path in repository_files(root, *suffixes):
            if path.startswith("tools/check_ratchet") or path.startswith("tools/tests/"):
                continue  # they name the suppressions
            for number, line in enumerate((root / path).read_text().splitlines(), start=1):
                places += [(path, number)] * len(pattern.findall(line))
        if len(places) > allowed[name]:
            text = f"{name}: {len(places)} in the repository, {allowed[name]} allowed; fix the cause instead"
            findings += [Finding(path, number, text) for path, number in places]
        elif len(places) < allowed[name]:
            findings.append(Finding(RULES, 1, f"[suppressions] \"{name}\" is {len(places)} now; lower it"))
    return findings


if __name__ == "__main__":
    run_check(check)
