import pathlib
import re

import pytest

import check_limits

HEAD = "| what | limit | set by | over it | test |\n|---|---|---|---|---|\n"
ROOT = pathlib.Path(check_limits.__file__).resolve().parent.parent


def write(repository, declaration, limit="100", set_by="`kRowsMax`"):
    repository.write("src/store/rows.cc", f"\n{declaration}\n")
    repository.write("docs/guide/limits.md", f"{HEAD}| rows | {limit} | {set_by} | 400 | `test_rows.test_many` |\n")


@pytest.mark.parametrize(
    ("declaration", "limit"),
    [
        ("constexpr std::size_t kRowsMax = 100;", "100"),
        ("constexpr std::size_t kRowsMax = 10'000;", "10,000, the latest"),
        ("static constexpr std::size_t kRowsMax = 64 << 10;", "64 KiB"),
        ("constexpr std::uint64_t kRowsMax = 2ULL << 30;", "2 GiB"),
        ("constexpr std::size_t kRowsMax = std::uint64_t{1} << 20;", "at least one, or 1 MiB"),
        ("constexpr std::chrono::milliseconds kRowsMax{5'000};", "5 s"),
        ("constexpr std::chrono::minutes kRowsMax{60};", "60 min"),
        ("constexpr LimitRange kRowsMax = {.if_absent = 10, .max = 500};", "500 (default 10)"),
    ],
)
def test_a_row_with_the_number_passes(repository, declaration, limit):
    write(repository, declaration, limit)
    assert repository.findings("check_limits.py") == []


@pytest.mark.parametrize("limit", ["10", "1,000", "2100", "100.5", "100 KiB"])
def test_another_number_is_found(repository, limit):
    write(repository, "constexpr std::size_t kRowsMax = 200;", limit)
    assert repository.findings("check_limits.py") == [
        "src/store/rows.cc:2: no row of kRowsMax in docs/guide/limits.md says 200; correct it"
    ]


@pytest.mark.parametrize("name", ["kRowsMax", "kRowLimit", "kReadTimeout"])
def test_a_limit_without_a_row_is_found(repository, name):
    write(repository, f"constexpr std::size_t {name} = 100;", set_by="`max-rows`")
    assert repository.findings("check_limits.py") == [
        f"src/store/rows.cc:2: {name} has no row in docs/guide/limits.md; add one, with the test that reaches it"
    ]


def test_a_row_of_a_limit_that_is_gone_is_found(repository):
    write(repository, "", set_by="`max-rows`, `kRowsMax`")
    assert repository.findings("check_limits.py") == ["docs/guide/limits.md:3: there is no kRowsMax; correct the row"]


def test_numbers_of_other_limits_are_followed(repository):
    write(repository, "constexpr std::size_t kRowsMax = 7;\nconstexpr LimitRange kRowLimit = {.if_absent = 1, .max = store::kRowsMax};",
          "8", "`kRowsMax`, `kRowLimit`")
    assert [finding.split(":")[1] for finding in repository.findings("check_limits.py")] == ["2", "3"]


def test_what_is_said_to_be_no_limit_is_there():
    for place in check_limits.NO_LIMITS:
        path, name = place.split(":")
        assert re.search(rf"constexpr .*\b{name}\b", (ROOT / path).read_text()), place
