import pytest


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("see /work/main/x", "a path of one machine; make it relative or configurable"),
        ("<<<<<<< HEAD", "a merge mark; finish the merge"),
        ("// TODO: later", "an open end; do it now or say in a document what is missing"),
        ("text ", "trailing white space; delete it"),
        ("good \U0001f389", "an emoji; write a word"),
    ],
)
def test_forbidden(repository, line, advice):
    repository.write("docs/guide.md", f"first\n{line}\n")
    assert repository.findings("check_words.py") == [f"docs/guide.md:2: {advice}"]


def test_plain_text_passes(repository):
    repository.write("docs/guide.md", "network/work/flow\n=======\n")
    assert repository.findings("check_words.py") == []


def test_last_line_ends(repository):
    repository.write("docs/guide.md", "a\nb")
    assert repository.findings("check_words.py") == ["docs/guide.md:2: no newline at the end; add one"]
