"""Finds function definitions in C++ text: name, first line, number of lines, number of parameters.

Not a parser. Comments and literals are blanked, then braces are matched; the text before an opening brace says whether it
opens a function, a type, a namespace or something else. Lambdas count as part of the function around them. Good enough for
code in the project's format; a definition that a macro hides is not seen.
"""

import re
from typing import NamedTuple

BLANKED = re.compile(
    r'R"(?P<tag>[^ ()\\\t\n]*)\(.*?\)(?P=tag)"'  # raw string
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)*'"  # not the separator of 1'000
    r"|//[^\n]*|/\*.*?\*/"
    r"|^[ \t]*#(?:[^\n\\]|\\.)*",  # preprocessor lines, continued ones included
    re.DOTALL | re.MULTILINE,
)
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
ACCESS = re.compile(r"\b(?:public|private|protected)\s*:(?!:)")
NAME = re.compile(r"(operator\s*(?:\(\)|\[\]|[^\s\w(]+|\w[\w:<>*& ]*)|~?[\w:]+)\s*$")


class Function(NamedTuple):
    name: str
    line: int
    lines: int
    parameters: int


def blank(text: str) -> str:
    """The text with comments, literals and preprocessor lines replaced by spaces; lines keep their numbers."""

    def spaces(match: re.Match) -> str:
        quoted = match.group(0)[0] in "\"'R"
        return ("_" if quoted else "") + re.sub(r"[^\n]", " ", match.group(0)[1:] if quoted else match.group(0))

    return BLANKED.sub(spaces, text)


def functions(text: str) -> list[Function]:
    text = blank(text)
    found = []
    scopes = []  # of (kind, definition or None); kind: outer (definitions may stand there), function, initializer, inner
    head_start = 0
    for position, char in enumerate(text):
        if char == "{":
            head = text[head_start:position]
            definition = None
            if scopes and scopes[-1][0] != "outer":
                kind = "initializer" if scopes[-1][0] == "initializer" else "inner"
            elif is_initializer(head):
                kind = "initializer"
            elif definition := parse_head(head):
                kind = "function"
                definition = (*definition, head_start + len(head) - len(head.lstrip()))
            else:
                kind = "outer" if SCOPE.search(head) and "=" not in head else "inner"
            scopes.append((kind, definition))
            if kind != "initializer":
                head_start = position + 1
        elif char == "}" and scopes:
            kind, definition = scopes.pop()
            if definition:
                name, parameters, start = definition
                first = text.count("\n", 0, start) + 1
                found.append(Function(name, first, text.count("\n", 0, position) + 2 - first, parameters))
            if kind != "initializer":
                head_start = position + 1
        elif char == ";" and (not scopes or scopes[-1][0] == "outer"):
            head_start = position + 1
    return found


def is_initializer(head: str) -> bool:
    """A brace in a constructor's initializer list, as in `Foo(int a) : a_{`."""
    opened = parameter_list(head)
    if opened is None:
        return False
    rest = head[opened[1] + 1 :]
    return bool(re.match(r"\s*(?:noexcept\s*)?:(?!:)", rest) and re.search(r"[\w>]\s*$", rest))


def parse_head(head: str) -> tuple[str, int] | None:
    """Name and parameter count when the text before a brace is that of a function."""
    head = ACCESS.sub(lambda match: " " * len(match.group(0)), head)
    opened = parameter_list(head)
    if opened is None or re.search(r"(?<![=!<>])=(?!=)\s*$", head):
        return None
    name = NAME.search(head[: opened[0]].rstrip())
    if not name or name.group(1) in ("if", "for", "while", "switch", "catch", "return", "alignas", "requires"):
        return None
    short = re.sub(r"\s+", "", name.group(1))
    arguments = head[opened[0] + 1 : opened[1]]
    if short.startswith(("TEST", "TYPED_TEST")):
        return f"{short}({' '.join(arguments.split())})", 0
    return short, count_arguments(arguments)


def parameter_list(head: str) -> tuple[int, int] | None:
    """Where the first round bracket outside <> opens and closes."""
    angle = 0
    position = 0
    while position < len(head):
        char = head[position]
        if char == "<" and head[position - 8 : position] != "operator":
            angle += 1
        elif char == ">" and head[position - 1 : position] not in ("-", "=") and angle:
            angle -= 1
        elif char == "(" and head[:position].rstrip().endswith("operator"):
            position = head.index(")", position)  # operator()
        elif char == "(" and angle == 0:
            closed = matching(head, position)
            return (position, closed) if closed else None
        position += 1
    return None


def matching(text: str, opened: int) -> int | None:
    depth = 0
    for position in range(opened, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return None


def count_arguments(arguments: str) -> int:
    if arguments.strip() in ("", "void"):
        return 0
    depth = 0
    commas = 0
    for previous, char in zip(" " + arguments, arguments):
        if char in "(<[{":
            depth += 1
        elif char in ")]}" or (char == ">" and previous not in "-="):
            depth -= 1
        elif char == "," and depth == 0:
            commas += 1
    return commas + 1
