import json

import pytest

import run_tests
from run_tests import Count, Suite


@pytest.fixture(autouse=True)
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(run_tests, "RESULTS", tmp_path)
    return tmp_path


def shell_suite(script: str, count) -> Suite:
    return Suite(["sh", "-c", script], run_tests.ROOT, count)


def test_no_test_is_a_failure():
    assert run_tests.run("empty", shell_suite("true", lambda folder: Count())) == Count(failed=1)


def test_bad_end_without_a_failed_case_is_a_failure():
    assert run_tests.run("crash", shell_suite("exit 3", lambda folder: Count(passed=4))) == Count(passed=4, failed=1)


def test_missing_report_is_a_failure():
    suite = shell_suite("true", lambda folder: run_tests.junit_count(folder / "junit.xml"))
    assert run_tests.run("broken", suite) == Count(failed=1)


def test_pytest_report(results, tmp_path):
    cases = tmp_path / "test_three.py"
    cases.write_text("import pytest\ndef test_a(): pass\ndef test_b(): assert 0\ndef test_c(): pytest.skip()\n")
    assert run_tests.run("three", run_tests.pytest_suite("three", str(cases))) == Count(1, 1, 1)


def test_gtest_cases_and_a_program_that_died(tmp_path):
    (tmp_path / "ctest.xml").write_text(
        '<testsuite><testcase name="good_test"/><testcase name="died_test"><failure/></testcase>'
        '<testcase name="plain"/></testsuite>'
    )
    case = {"result": "COMPLETED"}
    report = {"tests": 3, "failures": 1, "testsuites": [{"testsuite": [case, case, {"result": "SKIPPED"}]}]}
    (tmp_path / "good_test.json").write_text(json.dumps(report))
    assert run_tests.unit_count(tmp_path) == Count(passed=1 + 0 + 1, failed=1 + 1, skipped=1)


def test_vitest_report(tmp_path):
    report = tmp_path / "vitest.json"
    report.write_text(json.dumps({"numPassedTests": 5, "numFailedTests": 2, "numPendingTests": 1, "numTodoTests": 1}))
    assert run_tests.vitest_count(report) == Count(5, 2, 2)


def test_unknown_suite_is_named():
    with pytest.raises(SystemExit, match="no suite 'nothing'"):
        run_tests.main(["nothing"])
