#!/usr/bin/python3
"""Makes functions of the examples in the SDK's public headers, for header_examples.cc: header_examples.py HEADER... OUT

An example is a run of comment lines indented by three blanks, one of which ends a statement. Fails when a public function is
in no example, or neither noexcept nor said to throw, and when a header or a class does not say which threads may use it;
and when no header says what of the ABI is kept.
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
CLASS = re.compile(r"class (?:\[\[nodiscard\]\] )?(\w+)[^;]*{")


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


def comment_above(lines, at):
    """The comment that ends above line `at`, which may be below a template's head."""
    while at > 0 and re.match(r" *(template|requires)\b", lines[at - 1]):
        at -= 1
    begin = at
    while begin > 0 and re.match(r" *//", lines[begin - 1]):
        begin -= 1
    return "\n".join(lines[begin:at])


def functions(header):
    """(name, whether it says what it throws) of what the header declares for programs."""
    text = re.sub(r"^namespace sdk {$.*?^}  // namespace sdk$", "", header.read_text(), flags=re.DOTALL | re.MULTILINE)
    lines = text.splitlines()
    hidden = False
    for at, line in enumerate(lines):
        code = line.split("//")[0]
        if re.match(r" *private:", code):
            hidden = True
        elif re.match(r" *public:|class|struct|}|template", code):
            hidden = False
        for_programs = not hidden and not re.search(r"= default|= delete|sdk::", code)
        match = DECLARATION.match(code) if for_programs else None
        if match and match[1] not in NO_FUNCTIONS | CALLED_BY_THE_LANGUAGE:
            declaration = re.match(r"(?:{}|[^;{])*", "\n".join(lines[at:]))[0]
            yield match[1], "noexcept" in declaration or "hrows" in comment_above(lines, at) + line


def silent_on_threads(header):
    """The classes that do not say which threads may use them; the header itself if its first comment does not."""
    lines = header.read_text().splitlines()
    if "// Threads: " not in "\n".join(lines).split("#pragma once")[0]:
        yield header.name
    for at, line in enumerate(lines):
        match = CLASS.match(line)
        if match and "thread" not in comment_above(lines, at).lower():
            yield f"{header.name}: {match[1]}"


def complain(what, names):
    if names:
        sys.exit(f"{what}:\n  " + "\n  ".join(dict.fromkeys(names)))


def main():
    *headers, out = map(pathlib.Path, sys.argv[1:])
    program, called = [], ""
    for header in headers:
        for line, block in examples(header):
            body = "\n".join(block)
            result = "Task" if "co_await" in body else "auto"
            program.append(f'[[maybe_unused]] static {result} {header.stem}_{line}() {{\n#line {line} "{header}"\n{body}\n}}\n')
            called += body
    declared = [(header, *function) for header in headers for function in functions(header)]
    complain("in no example", [f"{header.name}: {name}" for header, name, _ in declared if not re.search(rf"\b{name}\b", called)])
    complain("neither noexcept nor said to throw", [f"{header.name}: {name}" for header, name, told in declared if not told])
    complain("does not say which threads may use it", [name for header in headers for name in silent_on_threads(header)])
    if not any("// ABI: " in header.read_text() for header in headers):
        complain("no header says what of the ABI is kept", [header.name for header in headers])
    out.write_text("\n".join(program))


if __name__ == "__main__":
    main()
