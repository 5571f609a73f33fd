import pathlib

import pytest

from harness import scenario

FILES = sorted(pathlib.Path(__file__).with_name("scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(server, path):
    scenario.Run(server, path.stem).play(scenario.load(path))
