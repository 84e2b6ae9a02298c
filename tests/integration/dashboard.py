"""How the tests start a plain optuna-dashboard."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(url: str) -> Iterator[str]:
    """Yield the address of an optuna-dashboard that serves the database at `url`."""
    port = free_port()
    command = [beside_python("optuna-dashboard"), url, "--host", "127.0.0.1", "--port", str(port), "--quiet"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/api/studies")
        yield f"http://127.0.0.1:{port}/dashboard"
    finally:
        server.terminate()
        server.wait(10)


def free_port() -> int:
    """Return a port of this machine that nothing listens on just now, and no other test asks for."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def beside_python(command: str) -> str:
    """Return the path of a command of this environment."""
    return str(Path(sys.executable).with_name(command))


def wait_until_it_answers(address: str, patience: float = 30) -> None:
    """Wait for a server."""
    deadline = time.monotonic() + patience
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
