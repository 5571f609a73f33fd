#!/usr/bin/python3
"""Runs the test suites named in the arguments, or all but those on demand, and ends with "N passed, N failed" summed over test cases.

A suite that ends badly without a failed case (a crash, an error while collecting), or that ran no case, counts as one
failure. Logs and reports are left in build/test-results/.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"
RESULTS = ROOT / "build/test-results"
# Run when named: they need much to be fetched or built, hours, or an idle machine.
ON_DEMAND = {"collector", "phoenix", "asan", "tsan", "soak", "budgets"}
# The sizes of a soak; those that the environment has go before.
SOAK = {"NIGHTJAR_SOAK_SECONDS": "3600", "NIGHTJAR_LARGE": "100", "NIGHTJAR_CRASH_ROUNDS": "200"}


class Count(NamedTuple):
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(*(mine + theirs for mine, theirs in zip(self, other)))


def junit_count(report: pathlib.Path) -> Count:
    """pytest, ctest and Node's test runner write this format."""
    total = Count()
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            total += Count(failed=1)
        elif case.find("skipped") is not None:
            total += Count(skipped=1)
        else:
            total += Count(passed=1)
    return total


def gtest_count(report: pathlib.Path) -> Count:
    content = json.loads(report.read_text())
    skipped = sum(case["result"] == "SKIPPED" for suite in content["testsuites"] for case in suite["testsuite"])
    return Count(content["tests"] - content["failures"] - skipped, content["failures"], skipped)


def unit_count(results: pathlib.Path) -> Count:
    """Cases of the GoogleTest programs; any other ctest test, and a program that died before its report, is one case."""
    total = Count()
    for program in ElementTree.parse(results / "ctest.xml").iter("testcase"):
        failed = program.find("failure") is not None
        report = results / f"{program.get('name')}.json"
        count = gtest_count(report) if report.is_file() else Count()
        if failed and count.failed == 0:
            count += Count(failed=1)
        elif sum(count) == 0:
            count = Count(passed=1)
        total += count
    return total


def vitest_count(report: pathlib.Path) -> Count:
    content = json.loads(report.read_text())
    skipped = content["numPendingTests"] + content.get("numTodoTests", 0)
    return Count(content["numPassedTests"], content["numFailedTests"], skipped)


def budget_count(report: pathlib.Path) -> Count:
    within = [figure["measured"] <= figure["budget"] for figure in json.loads(report.read_text())]
    return Count(sum(within), len(within) - sum(within))


class Suite(NamedTuple):
    command: list[str]
    folder: pathlib.Path
    count: object  # takes the suite's results folder
    environment: dict[str, str] = {}


def pytest_suite(name: str, *arguments: str, environment: dict[str, str] | None = None) -> Suite:
    report = RESULTS / name / "junit.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *arguments]
    return Suite(command, ROOT, lambda results: junit_count(results / "junit.xml"), environment or {})


def suites() -> dict[str, Suite]:
    unit = RESULTS / "unit"
    vitest = RESULTS / "ui/vitest.json"
    return {
        "unit": Suite(
            ["ctest", "--test-dir", str(BUILD), "--output-on-failure", "--output-junit", str(unit / "ctest.xml"),
             "--no-tests=error", "--timeout", "300", "-j", str(os.cpu_count())],
            ROOT, unit_count, {"GTEST_OUTPUT": f"json:{unit}/"},
        ),
        "tools": pytest_suite("tools", "tools/tests"),
        "scenarios": pytest_suite("scenarios", "tests", "--ignore=tests/crash", "--ignore=tests/clients",
                                  "--ignore=tests/sanitizers"),
        "clients": pytest_suite("clients", "tests/clients", "--ignore=tests/clients/collector",
                                "--ignore=tests/clients/phoenix"),
        "collector": pytest_suite("collector", "tests/clients/collector"),
        "phoenix": pytest_suite("phoenix", "tests/clients/phoenix"),
        "crash": pytest_suite("crash", "tests/crash"),
        "soak": pytest_suite("soak", "-s", "tests/crash", environment={**SOAK, **os.environ}),
        "asan": Suite(
            ["ctest", "--test-dir", str(ROOT / "build/dev"), "-R", "^(sdk_test|sdk_allocation_test|sdk_no_memory_test|stack_test)$",
             "--output-on-failure", "--output-junit", str(RESULTS / "asan/ctest.xml"), "--no-tests=error", "--timeout", "600"],
            ROOT, unit_count, {"GTEST_OUTPUT": f"json:{RESULTS / 'asan'}/"},
        ),
        "tsan": pytest_suite("tsan", "tests/sanitizers",
                             environment={"NIGHTJAR_BIN": str(ROOT / "build/tsan/nightjar")}),
        "ui": Suite(
            ["npm", "test", "--silent", "--", "--reporter=default", "--reporter=json", f"--outputFile.json={vitest}"],
            ROOT / "ui", lambda results: vitest_count(results / "vitest.json"),
        ),
        "e2e": Suite(
            ["node", "--test-reporter=spec", "--test-reporter-destination=stdout",
             "--test-reporter=junit", f"--test-reporter-destination={RESULTS / 'e2e/junit.xml'}", "e2e/run.mjs"],
            ROOT / "ui", lambda results: junit_count(results / "junit.xml"),
        ),
        "budgets": Suite(
            ["node", "e2e/budgets.mjs", str(RESULTS / "budgets/figures.json")], ROOT / "ui",
            lambda results: budget_count(results / "figures.json"),
        ),
    }


def run(name: str, suite: Suite) -> Count:
    results = RESULTS / name
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    print(f"\n== test: {name}", flush=True)
    started = time.monotonic()
    with open(results / "log", "w") as log:
        process = subprocess.Popen(
            suite.command, cwd=suite.folder, env={**os.environ, **suite.environment},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )
        for line in process.stdout:
            log.write(line)
            print(line, end="", flush=True)
    code = process.wait()
    try:
        count = suite.count(results)
    except (OSError, ElementTree.ParseError, json.JSONDecodeError) as error:
        print(f"{name}: no report: {error}")
        count = Count()
    if code != 0 and count.failed == 0:
        print(f"{name}: exit code {code} without a failed test; counted as one")
        count += Count(failed=1)
    if count.passed + count.failed == 0:
        print(f"{name}: no test ran; counted as one failure")
        count += Count(failed=1)
    print(f"{name}: {count.passed} passed, {count.failed} failed, {count.skipped} skipped"
          f" in {time.monotonic() - started:.0f} s", flush=True)
    return count


def main(names: list[str]) -> int:
    known = suites()
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"no suite '{unknown[0]}'; there are: {', '.join(known)}")
    wanted = names or [name for name in known if name not in ON_DEMAND]
    counts = {name: run(name, known[name]) for name in wanted}
    total = sum(counts.values(), Count())
    print("\n== summary")
    for name, count in counts.items():
        print(f"{name:10} {count.passed:6} passed {count.failed:4} failed {count.skipped:4} skipped")
    print(f"{total.passed} passed, {total.failed} failed")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
