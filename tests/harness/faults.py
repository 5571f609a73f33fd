"""Servers with faults of disk, clock and memory, by tests/faults/faults.c."""

import os
import signal

from harness.server import BINARY, FREE_PORTS, Server, until

LIBRARY = BINARY.parent / "libnightjar_faults.so"


class FaultyServer(Server):
    """A server whose journal, clock and memory can be made to fail. Its engine is left alone."""

    def __init__(self, data_dir, **at_start):
        super().__init__(data_dir)
        self.faults_path = self.data_dir.with_name(self.data_dir.name + ".faults")
        self.synced_folder = self.data_dir.with_name(self.data_dir.name + ".synced")
        self.synced_folder.mkdir(exist_ok=True)
        self.env = {"LD_PRELOAD": str(LIBRARY), "FAULTS_FILE": str(self.faults_path)}
        self.env |= {"FAULTS_SYNCED": str(self.synced_folder)}
        self.at_start = at_start

    def _launch(self, arguments):
        assert LIBRARY.exists(), f"{LIBRARY} is missing: build the target nightjar_faults"
        self._write_faults(self.at_start)
        super()._launch(arguments)

    def _write_faults(self, faults):
        staged = self.faults_path.with_suffix(".new")
        staged.write_text("".join(f"{name} {number}\n" for name, number in faults.items()))
        staged.rename(self.faults_path)

    def fault(self, **faults):
        """From now on these faults and no others. Names as in faults.c."""
        self._write_faults(faults)
        os.kill(self.pid, signal.SIGUSR1)
        until(lambda: not self.faults_path.exists(), "the server's notice of its faults")

    def wait_for_kill(self):
        """The end of a server that was told to kill itself."""
        assert self.process.wait(60) == -signal.SIGKILL, self.stderr()[-500:]
        self._ended()

    def start_and_wait_for_kill(self, **faults):
        """A start that ends with a kill, before or after its ready line."""
        before, self.at_start = self.at_start, faults
        self._launch([*FREE_PORTS, "--data-dir", self.data_dir])
        self.at_start = before
        self.wait_for_kill()

    def power_cut(self):
        """kill -9, and of the journal only what was synced is left."""
        self.kill9()
        names = self.synced_folder / "names"
        durable = set(names.read_text().splitlines()) if names.exists() else set()
        for file in (self.data_dir / "journal").iterdir():
            record = self.synced_folder / file.name
            if file.name not in durable:
                file.unlink()
            else:
                os.truncate(file, int(record.read_text()) if record.exists() else 0)
