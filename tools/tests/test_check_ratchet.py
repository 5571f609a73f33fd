import pytest

RULES = """
[limits]
file_lines = 10
header_lines = 6
function_lines = 4
parameters = 2
[suppressions]
"NOLINT" = {nolint}
"biome-ignore" = 0
"noqa" = 0
"shellcheck disable" = 0
"ts-expect-error" = 0
"TypeScript any" = 0
[exceptions.file_lines]
{file_lines}
[exceptions.header_lines]
[exceptions.function_lines]
[exceptions.parameters]
"""


@pytest.fixture
def rules(repository):
    def write(nolint=0, file_lines=""):
        repository.write("tools/ratchet.toml", RULES.format(nolint=nolint, file_lines=file_lines))

    write()
    return write


def test_small_code_passes(repository, rules):
    repository.write("src/a.cc", "int Add(int a, int b) { return a + b; }\n")
    assert repository.findings("check_ratchet.py") == []


def test_each_limit(repository, rules):
    repository.write("src/a.h", "\n" * 7)
    repository.write("src/b.cc", "\n" * 11)
    repository.write("src/c.cc", "int Long() {\n\n\n\n}\n")
    repository.write("src/d.cc", "int Wide(int a, int b, int c);\n\nint Wide(int a, int b, int c) { return a; }\n")
    assert repository.findings("check_ratchet.py") == [
        "src/a.h:1: 7 lines in one header; split it (limit 6)",
        "src/b.cc:1: 11 lines in one file; split it (limit 10)",
        "src/c.cc:1: Long has 5 lines in one function; split it (limit 4)",
        "src/d.cc:3: Wide has 3 parameters; make a struct of those that belong together (limit 2)",
    ]


def test_exception_holds_its_value(repository, rules):
    rules(file_lines='"src/b.cc" = 12')
    repository.write("src/b.cc", "\n" * 12)
    assert repository.findings("check_ratchet.py") == []
    repository.write("src/b.cc", "\n" * 13)
    assert repository.findings("check_ratchet.py") == ["src/b.cc:1: 13 lines in one file; split it (limit 10)"]


def test_exception_must_be_lowered(repository, rules):
    rules(file_lines='"src/b.cc" = 12\n"src/gone.cc" = 20')
    repository.write("src/b.cc", "\n" * 11)
    assert repository.findings("check_ratchet.py") == [
        "tools/ratchet.toml:1: [exceptions.file_lines] src/b.cc is 11 now; lower it",
        "tools/ratchet.toml:1: [exceptions.file_lines] src/gone.cc is not needed any more; delete it",
    ]


def test_suppressions_are_counted(repository, rules):
    rules(nolint=1)
    assert repository.findings("check_ratchet.py") == ['tools/ratchet.toml:1: [suppressions] "NOLINT" is 0 now; lower it']
    repository.write("src/a.cc", "int a;  // NOLINT\n")
    assert repository.findings("check_ratchet.py") == []
    repository.write("ui/src/a.ts", "export const a = (b: any) => b as any;\n")
    assert repository.findings("check_ratchet.py") == [
        "ui/src/a.ts:1: TypeScript any: 2 in the repository, 0 allowed; fix the cause instead"
    ] * 2


def test_python_functions(repository, rules):
    repository.write("tests/a.py", "def wide(a, b, c):\n    pass\n\n\ndef named(a, *, b, c):\n    pass\n")
    assert repository.findings("check_ratchet.py") == [
        "tests/a.py:1: wide has 3 parameters; make a struct of those that belong together (limit 2)"
    ]
