"""What docs/guide says of the SDK and the stack names tests and functions that there are."""

import functools
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs/guide"
# Every name in the listings of the text that the stack is made after.
NAMES_OF_THE_TEXT = """
    px.launch_app init_tracing tracer TracerProvider add_span_processor BatchSpanProcessor OTLPSpanExporter
    ConsoleSpanExporter set_tracer_provider get_tracer PHOENIX_COLLECTOR_ENDPOINT SpanAttributes OpenInferenceSpanKindValues
    start_as_current_span set_attribute record_exception set_status Status StatusCode.ERROR llm_span record_llm_output
    tool_span retrieval_span record_retrieval_output get_current_span get_span_context trace_id ParentBased
    TraceIdRatioBased LLM LLM.chat config.model config.timeout config.base_url Agent Agent.run _dispatch AgentResult final
    stop_reason steps SYSTEM_PROMPT ToolRegistry register call tool_from_callable now search_docs fetch_chunk
    HybridRetriever retrieve RetrievalConfig n_after_rerank add_trace_id X-Trace-Id user.id session.id run_traced
""".split()


def rows(page, heading):
    """The cells of a page's table rows below a heading, up to the next one of its level."""
    text = (GUIDE / page).read_text().split(f"\n{heading}\n", 1)[1]
    text = re.split(rf"^{heading.split()[0]} ", text, maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in table if not set("".join(row)) <= set("-| ")]


def compliance():
    text = (GUIDE / "sdk-compliance.md").read_text()
    sections = re.findall(r"^## .*$", text, re.MULTILINE)
    return [row for section in sections for row in rows("sdk-compliance.md", section)[1:]]


@functools.cache
def known_tests():
    """Suite.Name of GoogleTest, names of Python's, and the files they are in."""
    names = set()
    for path in [*ROOT.glob("sdk/tests/*.cc"), *ROOT.glob("tests/test_sdk.py"), *ROOT.glob("tests/clients/**/test_*.py")]:
        text = path.read_text()
        names |= {f"{suite}.{name}" for suite, name in re.findall(r"^TEST(?:_[FP])?\((\w+), (\w+)\)", text, re.MULTILINE)}
        names |= set(re.findall(r"^def (test_\w+)", text, re.MULTILINE)) | {path.stem, str(path.relative_to(ROOT))}
    return names


def named_tests(cell):
    """The tests that a cell names; `Suite.*` stands for all of a suite, `.Name` for one of the suite before."""
    found, suite = [], None
    for name in re.findall(r"`([^`]+)`|\b(\w+_test)\b", cell):
        name = name[0] or name[1]
        if match := re.fullmatch(r"(\w*)\.(\w*\*?)", name):
            suite = match[1] or suite
            name = f"{suite}.{match[2]}"
        pattern = re.compile(re.escape(name).replace(r"\*", r"\w*"))
        if any(pattern.fullmatch(test) for test in known_tests()):
            found.append(name)
        else:
            assert not re.fullmatch(r"[A-Z]\w*\.[A-Z]\w*\*?|test_\w+|\w+_test", name), f"there is no test {name}"
    return found


def test_the_matrix_has_no_blank_cells():
    for feature, mark, shown in compliance():
        assert feature, shown
        if feature.startswith("**"):
            continue
        assert mark in ("+", "-"), feature
        assert shown or mark == "-", feature
        assert shown, f"{feature}: says not why"


def test_every_feature_names_a_test_that_there_is():
    before = []
    for feature, mark, shown in compliance():
        if mark != "+":
            continue
        named = before if shown.startswith("the same") else []
        named = named + named_tests(shown)
        assert named, f"{feature}: {shown}"
        before = named


def test_every_variable_of_the_specification_has_a_row():
    exporter = ["ENDPOINT", "HEADERS", "TIMEOUT", "COMPRESSION", "PROTOCOL", "CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE"]
    specified = """
        SDK_DISABLED RESOURCE_ATTRIBUTES SERVICE_NAME LOG_LEVEL PROPAGATORS TRACES_SAMPLER TRACES_SAMPLER_ARG TRACES_EXPORTER
        CONFIG_FILE EXPORTER_OTLP_INSECURE BSP_SCHEDULE_DELAY BSP_EXPORT_TIMEOUT BSP_MAX_QUEUE_SIZE BSP_MAX_EXPORT_BATCH_SIZE
        ATTRIBUTE_VALUE_LENGTH_LIMIT ATTRIBUTE_COUNT_LIMIT SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT SPAN_ATTRIBUTE_COUNT_LIMIT
        SPAN_EVENT_COUNT_LIMIT SPAN_LINK_COUNT_LIMIT EVENT_ATTRIBUTE_COUNT_LIMIT LINK_ATTRIBUTE_COUNT_LIMIT
    """.split() + [f"EXPORTER_OTLP_{signal}{name}" for signal in ("", "TRACES_") for name in exporter]
    told = " ".join(feature for feature, *_ in compliance()).replace(",", "").split()
    assert [name for name in specified if f"OTEL_{name}" not in told] == []


@pytest.mark.parametrize("prefix", ["OTEL_", "PHOENIX_", "OPENINFERENCE_"])
def test_every_variable_that_is_read_is_tested_and_told_of(prefix):
    sources = "".join(path.read_text() for path in ROOT.glob("sdk/src/*.cc"))
    tests = "".join(path.read_text() for path in [*ROOT.glob("sdk/tests/*"), ROOT / "tests/test_sdk.py"] if path.is_file())
    told = " ".join(feature for feature, *_ in compliance())
    groups = [name[:-1] for name in re.findall(r"\w+_\*", told)]
    variables = set(re.findall(rf'"({prefix}\w+)"', sources))
    assert variables
    for variable in sorted(variables):
        assert f'"{variable}"' in tests or f"{variable}=" in tests, variable
        assert variable in told.replace(",", "").split() or any(variable.startswith(group) for group in groups), variable


def test_the_first_steps_are_the_example_that_is_compiled():
    shown = re.search(r"^```cpp\n(.*?)^```$", (ROOT / "sdk/README.md").read_text(), re.DOTALL | re.MULTILINE)[1]
    assert shown == (ROOT / "sdk/examples/quickstart.cc").read_text()


TABLES = [("sdk.md", "## The text's names and ours"), ("stack.md", "## The text's names and ours")]


def test_every_name_of_the_text_is_in_a_table():
    told = {name for table in TABLES for row in rows(*table)[1:] for name in re.findall(r"`([^`]+)`", row[0])}
    named = {re.split(r"[ (]", name)[0] for name in told}
    assert sorted(set(NAMES_OF_THE_TEXT) - named) == []


@pytest.mark.parametrize("table", TABLES)
def test_every_name_of_ours_is_in_the_header_beside_it(table):
    for theirs, ours, header in rows(*table)[1:]:
        path = next((ROOT / folder / header.strip("`") for folder in ("sdk/include", ".") if (ROOT / folder / header.strip("`")).is_file()), None)
        assert path, f"{theirs}: there is no {header}"
        names = re.findall(r"\b\w*[a-zA-Z]\w*\b", " ".join(re.findall(r"`([^`]+)`", ours)))
        assert names, theirs
        text = path.read_text()
        for name in names:
            assert re.search(rf"\b{name}\b", text), f"{theirs}: {header} has no {name}"
