import pytest

RULES = """
[src]
base = []
model = ["base"]
store = ["base", "model"]
[outside]
"assets.h" = ["store"]
[trees]
src = []
sdk = []
stack = ["sdk"]
[ui]
base = []
widgets = ["base"]
features = ["base", "widgets"]
"""


@pytest.fixture
def layered(repository):
    repository.write("tools/layers.toml", RULES)
    repository.write("src/base/result.h", "#pragma once\n")
    repository.write("src/model/span.h", '#pragma once\n#include "base/result.h"\n')
    repository.write("src/store/writer.cc", '#include <vector>\n\n#include "model/span.h"\n')
    repository.write("sdk/include/nightjar/tracing.h", "#pragma once\n")
    repository.write("stack/agent.cc", '#include "nightjar/tracing.h"\n')
    return repository


def test_allowed_includes_pass(layered):
    assert layered.findings("check_layers.py") == []


def test_include_against_the_order(layered):
    layered.write("src/model/span.cc", '#include "model/span.h"\n#include "store/writer.h"\n')
    assert layered.findings("check_layers.py") == [
        "src/model/span.cc:2: module model must not include store (allowed: base); pass a value in, or move the code"
    ]


def test_include_without_its_module(layered):
    layered.write("src/store/reader.cc", '#include "writer.h"\n')
    (finding,) = layered.findings("check_layers.py")
    assert finding.startswith("src/store/reader.cc:1: 'writer.h' is not a path from src/")


def test_header_from_outside(layered):
    layered.write("src/store/reader.cc", '#include "assets.h"\n')
    layered.write("src/model/span.cc", '#include "assets.h"\n')
    (finding,) = layered.findings("check_layers.py")
    assert finding.startswith("src/model/span.cc:1: ")


def test_internal_header_of_another_module(layered):
    layered.write("src/store/reader.cc", '#include "model/internal/parts.h"\n')
    assert layered.findings("check_layers.py") == [
        "src/store/reader.cc:1: 'model/internal/parts.h' is internal to model; use its public header"
    ]


def test_sdk_includes_nothing_from_src(layered):
    layered.write("sdk/src/span.cc", '#include "base/result.h"\n')
    assert layered.findings("check_layers.py") == [
        "sdk/src/span.cc:1: sdk/ must not include 'base/result.h' of src/; see [trees] in tools/layers.toml"
    ]


def test_cycle_in_the_rules(layered):
    layered.write("tools/layers.toml", RULES.replace("base = []\nmodel", 'base = ["store"]\nmodel'))
    (finding,) = layered.findings("check_layers.py")
    assert finding.startswith("tools/layers.toml:1: [src] has a cycle: ")


def test_module_without_a_rule_and_rule_without_a_module(layered):
    layered.write("src/extra/thing.h", "#pragma once\n")
    layered.write("tools/layers.toml", RULES.replace("[outside]", "gone = []\n[outside]"))
    assert layered.findings("check_layers.py") == [
        "tools/layers.toml:1: src/extra has no rule; say in [src] what it may include",
        "tools/layers.toml:1: [src] has a rule for gone, which does not exist; delete it",
    ]


def test_ui_imports(layered):
    layered.write("ui/src/widgets/table.ts", "import { sum } from '../base/sum';\nimport { x } from '../features/list/x';\n")
    layered.write("ui/src/features/list/x.ts", 'import { y } from "@/features/trace/y";\nconst z = await import("../../app/z");\n')
    assert layered.findings("check_layers.py") == [
        "ui/src/features/list/x.ts:1: feature list must not import feature trace; move what they share to panels, widgets or api",
        "ui/src/features/list/x.ts:2: features must not import app (allowed: base, widgets)",
        "ui/src/widgets/table.ts:2: widgets must not import features (allowed: base)",
    ]
