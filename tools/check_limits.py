#!/usr/bin/python3
"""Finds limits of the server that have no row in docs/guide/limits.md, or one with another number."""

import pathlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from source_files import Finding, repository_files, run_check

LIMITS = "docs/guide/limits.md"
DECLARED = re.compile(r"constexpr\s+([\w:]+)\s+(k\w*(?:Max|Limit|Timeout))\s*(?:=\s*([^;]+)|\{([^}]*)\});")
COMMANDS = ("src/bench/", "src/client/", "src/doctor/", "src/selfcheck/", "src/terminal/")  # that ask a server, and print

FORM = "a number that a format or an algorithm has"
CACHE = "a cache: what is forgotten is looked up again"
PIECE = "work is done in pieces of this size, however much there is"
WAIT = "how long one part waits for another; docs/guide/reliability.md says what follows"
GUARD = "ends what would not end by itself; nothing that works comes near it"
NO_LIMITS = {
    "src/app/export.cc:kQuietMax": WAIT,
    "src/app/serve.cc:kLastCallMax": WAIT,
    "src/app/tail.cc:kQuietMax": WAIT,
    "src/app/trace.cc:kTimeMax": WAIT,
    "src/backup/files.cc:kSmallBytesMax": GUARD,
    "src/backup/freeze_service.cc:kAnswerBytesMax": GUARD,
    "src/engine/internal/session.cc:kQueueWaitMax": WAIT,
    "src/engine/internal/telemetry_engine.cc:kRestsMax": PIECE,
    "src/engine/supervisor.cc:kReadyMax": WAIT,
    "src/ingest/log_joiner.cc:kBytesMax": PIECE,
    "src/ingest/log_joiner.cc:kSpansMax": PIECE,
    "src/journal/internal/frame.h:kSequenceMax": FORM,
    "src/journal/journal.cc:kSegmentBytesMax": PIECE,
    "src/otlp/decode_traces.cc:kAttributesExpectedMax": FORM,
    "src/otlp/internal/rules.cc:kPairwiseMax": FORM,
    "src/pricing/price_book.cc:kFoundMax": CACHE,
    "src/query/field.cc:kNameBytesMax": FORM,
    "src/query/internal/phoenix_compare.cc:kNanosMax": FORM,
    "src/query/internal/sql_functions.cc:kNameBytesMax": FORM,
    "src/query/internal/value.cc:kNanosMax": FORM,
    "src/semconv/normalize.cc:kSecondsMax": FORM,
    "src/server/live_spans.cc:kQuestionMax": WAIT,
    "src/store/clickhouse.cc:kConnectMax": WAIT,
    "src/store/clickhouse.cc:kExecuteMax": WAIT,
    "src/store/clickhouse.cc:kIdleMax": CACHE,
    "src/store/clickhouse.cc:kInsertMax": WAIT,
    "src/store/clickhouse.cc:kPlainAnswerMax": GUARD,
    "src/store/clickhouse.cc:kRepeatsMax": GUARD,
    "src/store/damaged_parts.cc:kCheckMax": WAIT,
    "src/store/damaged_parts.cc:kSparedMax": CACHE,
    "src/store/native_writer.h:kVarintBytesMax": FORM,
    "src/store/project_list.cc:kKeptMax": CACHE,
    "src/store/segment.cc:kCutDepthMax": FORM,
    "src/store/segment.h:kShortStringBytesMax": FORM,
    "src/store/segment_bodies.cc:kAddressesMax": PIECE,
    "src/store/span_columns.cc:kVarintBytesMax": FORM,
    "src/store/span_writer.h:kGenerationMax": CACHE,
}

MILLISECONDS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000}
UNITS = {"milliseconds": 1, "seconds": 1000, "minutes": 60_000, "hours": 3_600_000}


class Limit(NamedTuple):
    path: str
    line: int
    kind: str
    name: str
    value: str  # as written


def check(root: pathlib.Path) -> list[Finding]:
    limits = list(declared(root))
    values = {limit.name: limit.value for limit in limits}
    rows = list(documented(root))
    findings = []
    for path, line, kind, name, value in limits:
        cells = [cell for _, names, cell in rows if name in names]
        number = evaluated(value, values)
        if path.startswith(COMMANDS) or f"{path}:{name}" in NO_LIMITS:
            continue
        if not cells:
            findings.append(Finding(path, line, f"{name} has no row in {LIMITS}; add one, with the test that reaches it"))
        elif number is not None and not any(says(cell, forms(kind, name, number)) for cell in cells):
            findings.append(Finding(path, line, f"no row of {name} in {LIMITS} says {forms(kind, name, number)[0]}; correct it"))
    code = "".join((root / path).read_text() for path in repository_files(root, ".cc", ".h"))
    for line, names, _ in rows:
        findings += [Finding(LIMITS, line, f"there is no {name}; correct the row") for name in names if name not in code]
    return findings


def declared(root: pathlib.Path) -> Iterator[Limit]:
    for path in repository_files(root, ".cc", ".h"):
        if path.startswith("src/") and not path.endswith(("_test.cc", "_fuzz.cc")):
            text = (root / path).read_text()
            for found in DECLARED.finditer(text):
                yield Limit(path, text.count("\n", 0, found.start()) + 1, found[1], found[2], found[3] or found[4])


def documented(root: pathlib.Path) -> Iterator[tuple[int, list[str], str]]:
    """Of each row: its line, the constants it names, its limit."""
    for number, line in enumerate((root / LIMITS).read_text().splitlines(), start=1):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 5:
            yield number, re.findall(r"`(k\w+)`", cells[2]), cells[1]


def evaluated(text: str, values: dict[str, str]) -> int | None:
    """None for what is computed from other things than numbers and other limits."""
    text = re.sub(r"^\{.*\.max = (.*)\}$", r"\1", text.strip())
    text = re.sub(r"(?:\w+::)+(?=k[A-Z])", "", text)
    if text in values:
        return evaluated(values[text], values)
    text = re.sub(r"(?:std::)?\w+\{(\d+)\}", r"\1", text.replace("'", ""))
    text = re.sub(r"(?<=\d)[uUlL]+\b", "", text)
    return int(eval(text)) if re.fullmatch(r"[\d\s.e<*+()-]+", text) else None  # digits and operators only


def forms(kind: str, name: str, number: int) -> list[str]:
    """How a person writes the number, the usual way first."""
    unit = kind.rsplit("::", 1)[-1]
    if unit in UNITS:
        return in_units(number * UNITS[unit], MILLISECONDS)
    if name.endswith("NsMax"):
        return in_units(number // 1_000_000, MILLISECONDS)
    if name.endswith("LogMax"):
        number = 1 << number
    sizes = in_units(number, {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}) if number else []
    return sizes + [f"{number:,}"]


def in_units(number: int, units: dict[str, int]) -> list[str]:
    return [f"{number // size:,} {unit}" for unit, size in reversed(units.items()) if number % size == 0]


def says(cell: str, numbers: list[str]) -> bool:
    return any(re.search(rf"(?<![\d,.]){re.escape(number)}(?![\d,]*\d|\w)", cell) for number in numbers)


if __name__ == "__main__":
    run_check(check)
