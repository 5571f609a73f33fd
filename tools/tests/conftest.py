import pathlib
import subprocess
import sys

import pytest

TOOLS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOOLS))


class Repository:
    """A small git repository to run a checker on."""

    def __init__(self, root: pathlib.Path):
        self.root = root
        subprocess.run(["git", "init", "-q", root], check=True)

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def findings(self, checker: str) -> list[str]:
        """What tools/CHECKER prints; its exit code must say the same."""
        run = subprocess.run([sys.executable, TOOLS / checker, "--root", self.root], capture_output=True, text=True)
        assert run.stderr == ""
        assert run.returncode == (1 if run.stdout else 0)
        return run.stdout.splitlines()


@pytest.fixture
def repository(tmp_path) -> Repository:
    return Repository(tmp_path)
