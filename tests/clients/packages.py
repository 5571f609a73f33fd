"""Fetches the client libraries that the tests send with, by pinned version and hash, into the user's cache, once."""

import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "nightjar"
TELEMETRYGEN = "github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen@v0.161.0"


def _cached(name, inputs, install):
    """The folder that `install` has filled, named after what it depends on. Several test runs may race for it."""
    digest = hashlib.sha256(b"".join(inputs)).hexdigest()[:16]
    folder = CACHE / f"{name}-{digest}"
    if folder.is_dir():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    work = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}.", dir=CACHE))
    try:
        install(work)
        work.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


@functools.cache
def python():
    """A folder for PYTHONPATH."""
    requirements = HERE / "requirements.txt"

    def install(folder):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
        pip += ["--require-hashes", "--root-user-action", "ignore", "--target", folder, "-r", requirements]
        subprocess.run(pip, check=True)

    return _cached("clients-python", [requirements.read_bytes(), sys.version.encode()], install)


@functools.cache
def node():
    """A folder for NODE_PATH. npm verifies the hashes of package-lock.json."""
    files = [HERE / "package.json", HERE / "package-lock.json"]

    def install(folder):
        for file in files:
            shutil.copy(file, folder)
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, check=True)

    return _cached("clients-node", [file.read_bytes() for file in files], install) / "node_modules"


def has_go():
    return shutil.which("go") is not None


@functools.cache
def telemetrygen():
    """The collector project's load generator, in Go, built from source. REQUIRES: has_go()"""

    def install(folder):
        subprocess.run(["go", "install", TELEMETRYGEN], env={**os.environ, "GOBIN": str(folder)}, check=True)

    return _cached("clients-go", [TELEMETRYGEN.encode()], install) / "telemetrygen"


@functools.cache
def collector():
    """A collector with OTLP's receiver and exporters, built from source; Go verifies the hashes of go.sum.
    REQUIRES: has_go()"""
    files = [HERE / "collector" / name for name in ("main.go", "go.mod", "go.sum")]

    def install(folder):
        command = ["go", "build", "-C", HERE / "collector", "-trimpath", "-mod=readonly", "-o", folder / "collector", "."]
        subprocess.run(command, check=True)

    return _cached("clients-collector", [file.read_bytes() for file in files], install) / "collector"


@functools.cache
def phoenix():
    """A folder for PYTHONPATH with a Phoenix server in it, some 850 MB."""
    requirements = HERE / "phoenix/requirements.txt"

    def install(folder):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary", ":all:"]
        pip += ["--root-user-action", "ignore", "--target", folder, "-r", requirements]
        subprocess.run(pip, check=True)

    return _cached("clients-phoenix", [requirements.read_bytes(), sys.version.encode()], install)
