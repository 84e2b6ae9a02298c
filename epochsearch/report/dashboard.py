"""Serving optuna-dashboard to this machine only: it asks for no password and can delete studies."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from epochsearch.core.errors import UsageError

HOST = "127.0.0.1"
PORTS_TRIED = 50
COMPARED = 10  # studies in one view: more cannot be told apart there


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard whose port is taken; `serve` answers on it."""

    server: WSGIServer
    study_ids: Sequence[int]  # Optuna's

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://{HOST}:{self.server.server_port}/dashboard"

    @property
    def comparison(self) -> str:
        """Where a browser finds the newest studies in one view."""
        ids = ",".join(str(number) for number in self.study_ids[-COMPARED:])
        return f"{self.address}/compare-studies?ids={ids}"

    def serve(self) -> None:
        """Answer until an exception (KeyboardInterrupt) ends it, then give the port back."""
        try:
            self.server.serve_forever()
        finally:
            self.server.server_close()


def open_dashboard(url: str, port: int) -> Dashboard:
    """Return a dashboard for the storage at `url` on the first free port from `port` on.

    Raises:
        UsageError: None of the ports tried is free or allowed.
    """
    from optuna_dashboard import wsgi

    from epochsearch.store.database import optuna_storage

    storage = optuna_storage(url)
    app = wsgi(storage)
    server = _first_free(port)
    server.set_app(app)
    return Dashboard(server, sorted(study._study_id for study in storage.get_all_studies()))


class _ThreadedServer(ThreadingMixIn, WSGIServer):
    """A browser keeps several connections open at once: a thread for each."""

    daemon_threads = True


class _Silent(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *_: object) -> None:
        """Drop the line."""


def _first_free(port: int) -> WSGIServer:
    reason = "ports end at 65535"
    last = min(port + PORTS_TRIED, 65536)
    for candidate in range(port, last):
        try:
            return make_server(HOST, candidate, _no_app, server_class=_ThreadedServer, handler_class=_Silent)
        except OSError as error:
            reason = error.strerror or str(error)
            if error.errno != errno.EADDRINUSE:
                break
    raise UsageError(
        "--port", str(port), f"no port from it on can be used ({reason})", "Example: --port 8090"
    )


def _no_app(environ: object, start_response: object) -> list[bytes]:
    raise AssertionError("the server answers only once its application is set")
