import json

import pytest


@pytest.fixture
def built(repository):
    repository.write("src/base/ids.cc", '#include "base/ids.h"\n')
    repository.write("src/base/ids.h", "#pragma once\n")
    database = [{"file": str(repository.root / "src/base/ids.cc")}]
    repository.write("build/release/compile_commands.json", json.dumps(database))
    repository.write(".gitignore", "/build/\n")
    return repository


def test_used_files_pass(built):
    assert built.findings("check_dead.py") == []


def test_unused_cpp(built):
    built.write("src/base/old.cc", "")
    built.write("src/base/old.h", "#pragma once\n")
    built.write("src/base/ids_fuzz.cc", "")
    assert built.findings("check_dead.py") == [
        "src/base/old.cc:1: is in no CMake target; add it or delete it",
        "src/base/old.h:1: no file includes this header; delete it",
    ]


def test_unused_ui_module(built):
    built.write("ui/index.html", '<script type="module" src="/src/app/main.tsx"></script>\n')
    built.write("ui/src/app/main.tsx", "import { used } from '../base/used';\nimport '@/app/main.css';\n")
    built.write("ui/src/app/main.css", "")
    built.write("ui/src/base/used.ts", "")
    built.write("ui/src/base/used.test.ts", "")
    built.write("ui/src/base/unused.ts", "")
    assert built.findings("check_dead.py") == ["ui/src/base/unused.ts:1: nothing imports this module; delete it"]


def test_unnamed_tool(built):
    built.write("x", "tools/used.sh\n")
    built.write("tools/used.sh", "")
    built.write("tools/unused.sh", "")
    assert built.findings("check_dead.py") == ["tools/unused.sh:1: nothing names this file; delete it"]


def test_links(built):
    built.write("README.md", "[a](docs/a.md) [b](docs/b.md#part) [web](https://example.com/x)\n")
    built.write("docs/a.md", "a\n")
    built.write("docs/c.md", "c\n")
    built.write("docs/d.md", "d\n")
    built.write("src/base/ids.cc", '#include "base/ids.h"\n// Format: docs/d.md, and docs/e.md.\n')
    assert built.findings("check_dead.py") == [
        "README.md:1: docs/b.md does not exist; correct the link or write it",
        "src/base/ids.cc:2: docs/e.md does not exist; correct the link or write it",
        "docs/c.md:1: no document links to this one; link it or delete it",
    ]
