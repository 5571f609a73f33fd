import pytest

from harness import server as harness


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for every test that neither stops it nor counts what it holds."""
    with harness.Server(tmp_path_factory.mktemp("nightjar") / "data") as running:
        yield running


@pytest.fixture
def own_server(tmp_path):
    """A server of the test's own, on an empty directory."""
    with harness.Server(tmp_path / "data") as running:
        yield running


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for running in list(harness.running):
            report.sections.append((f"stderr of {running.data_dir}", running.stderr()[-4000:]))
