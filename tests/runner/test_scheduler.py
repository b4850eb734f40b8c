"""What is no Dask scheduler, or one of another Dask, is one line that says so."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.laboratory import Laboratory
from tests.runner.cluster import cluster

pytest.importorskip("distributed")

pytestmark = pytest.mark.slow


@pytest.fixture
def laboratory(tmp_path: Path) -> Iterator[Laboratory]:
    made = Laboratory(tmp_path, patch={"sweep.runner.scheduler.CONNECT_S": 0.3})
    yield made
    made.close()


@contextmanager
def listening(kind: str) -> Iterator[int]:
    """A port on which something listens that is no scheduler."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def greet() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return
                held[-1].sendall(GREETINGS[kind])

        threading.Thread(target=greet, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for one in held:
                one.close()


GREETINGS = {
    "silence": b"",
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "half a message": (16).to_bytes(8, "little") + b"abc",
}


@pytest.mark.parametrize("kind", GREETINGS)
def test_something_else_that_listens_is_one_line(laboratory: Laboratory, kind: str) -> None:
    with listening(kind) as port:
        said = laboratory.run("--scheduler", f"tcp://127.0.0.1:{port}", code=2)
    assert said.count("\n") == 1
    assert f"found tcp://127.0.0.1:{port}, where no Dask scheduler answers; start one" in said
    assert not laboratory.results.exists()


def test_a_web_server_is_no_scheduler(laboratory: Laboratory) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        name = f"http://127.0.0.1:{server.server_port}"
        for address in (name, name.replace("http", "tcp")):
            said = laboratory.run("--scheduler", address, code=2)
            assert said.count("\n") == 1
            assert f"found {address}, where no Dask scheduler answers" in said
    finally:
        server.shutdown()
        server.server_close()


def test_a_worker_is_no_scheduler(laboratory: Laboratory) -> None:
    with cluster(laboratory.folder, workers=1) as dask:
        (address,) = dask.worker_addresses(1)
        said = laboratory.run("--scheduler", address, code=2)
    assert said.count("\n") == 1
    assert f"found {address}, where no Dask scheduler answers" in said


@pytest.mark.parametrize(
    "address",
    [
        "tcp://127.0.0.1:{port}",
        "tls://127.0.0.1:{port}",
        "ucx://127.0.0.1:{port}",
        "odd://127.0.0.1:{port}",
        "nonsense",
        "tcp://[::1",
    ],
)
def test_a_scheduler_that_does_not_answer_is_one_line(laboratory: Laboratory, address: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # but nobody listens
        name = address.format(port=taken.getsockname()[1])
        said = laboratory.run("--backend", "dask", "--scheduler", name, code=2)
    assert said.count("\n") == 1
    assert f"--scheduler: found {name}, where no Dask scheduler answers" in said
    assert not laboratory.results.exists()


def test_a_scheduler_of_another_dask_is_one_line(laboratory: Laboratory) -> None:
    """It refuses a client by its versions in the way that Dask provides for."""
    laboratory.patch = {}
    (laboratory.folder / "sitecustomize.py").write_text(ANOTHER_DASK)
    with cluster(laboratory.folder, workers=0, PYTHONPATH=str(laboratory.folder)) as dask:
        said = laboratory.run("--scheduler", dask.address, code=2)
    assert said.count("\n") == 1
    assert "where no Dask scheduler answers (ImportError: another Dask); start one" in said


ANOTHER_DASK = """
import distributed.versions
distributed.versions.error_message = lambda *_, **__: {"error": "another\\nDask", "warning": ""}
"""
