#!/usr/bin/python3
"""Makes functions of the examples in the SDK's public headers, for header_examples.cc: header_examples.py HEADER... OUT

An example is a run of comment lines indented by three blanks, one of which ends a statement. Fails when a public function is
in no example.
"""

import pathlib
import re
import sys

EXAMPLE_LINE = re.compile(r" *//(?:   (.*))?$")
# A declaration at namespace scope or in a class: its name, the last one before the first parenthesis.
DECLARATION = re.compile(r" {0,2}(?! )(?:\[\[.*?\]\] )*[\w:<>,&*\[\] ]*?\b([A-Za-z]\w*)\(")
NO_FUNCTIONS = {"operator", "decltype", "if", "for", "return", "requires", "static_assert"}
# What the language calls: of coroutines and of loops over ranges.
CALLED_BY_THE_LANGUAGE = {"await_ready", "await_suspend", "await_resume", "begin", "end", "size"}


def examples(header):
    """(number of the first line, lines) of each example."""
    block = []
    for number, line in enumerate([*header.read_text().splitlines(), ""], 1):
        match = EXAMPLE_LINE.match(line)
        if match and (match[1] or block):
            block.append(match[1] or "")
            continue
        if any(";" in code for code in block):
            yield number - len(block), block
        block = []


def functions(header):
    """Names of what the header declares for programs."""
    text = re.sub(r"^namespace sdk {$.*?^}  // namespace sdk$", "", header.read_text(), flags=re.DOTALL | re.MULTILINE)
    hidden = False
    for line in text.splitlines():
        code = line.split("//")[0]
        if re.match(r" *private:", code):
            hidden = True
        elif re.match(r" *public:|class|struct|}|template", code):
            hidden = False
        for_programs = not hidden and not re.search(r"= default|= delete|sdk::", code)
        match = DECLARATION.match(code) if for_programs else None
        if match and match[1] not in NO_FUNCTIONS | CALLED_BY_THE_LANGUAGE:
            yield match[1]


def main():
    *headers, out = map(pathlib.Path, sys.argv[1:])
    program, called = [], ""
    for header in headers:
        for line, block in examples(header):
            body = "\n".join(block)
            result = "Task" if "co_await" in body else "auto"
            program.append(f'[[maybe_unused]] static {result} {header.stem}_{line}() {{\n#line {line} "{header}"\n{body}\n}}\n')
            called += body
    missing = [f"{header.name}: {name}" for header in headers for name in functions(header) if not re.search(rf"\b{name}\b", called)]
    if missing:
        sys.exit("in no example:\n  " + "\n  ".join(dict.fromkeys(missing)))
    out.write_text("\n".join(program))


if __name__ == "__main__":
    main()
