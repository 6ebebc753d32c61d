"""Runs a real Redis."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from tests.conftest import free_port


@contextmanager
def running_redis(folder: Path) -> Iterator[tuple[subprocess.Popen, int]]:
    """Run a Redis until the end of the block; its process and its port."""
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed (Debian package redis-server)")
    port = free_port()
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(["redis-server", *arguments], stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    deadline = time.monotonic() + 30
    while True:
        try:
            client.ping()
            break
        except redis.ConnectionError:
            assert process.poll() is None, "redis-server did not start"
            assert time.monotonic() < deadline, "redis-server is not ready"
            time.sleep(0.05)
    yield process, port
    process.kill()
    process.wait(timeout=30)
