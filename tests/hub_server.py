"""A Hugging Face Hub on the loopback interface, for tests: repositories are dictionaries of file name to bytes."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class HubServer:
    """Answers the requests that huggingface_hub makes, and remembers them."""

    def __init__(self) -> None:
        self.repositories: dict[str, dict[str, bytes]] = {}
        """By kind and name, such as `models/anna/tiny`."""
        self.gated: set[str] = set()
        self.requests: list[str] = []
        """Method and path of each request."""
        self.before_file: Callable[[str], None] = lambda name: None
        """Called in the server's thread before the second half of a file is sent."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = False  # closing waits for the answers under way
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def files_asked_for(self) -> list[str]:
        """Names of the files whose content was asked for."""
        return [line.rpartition("/")[2] for line in self.requests if line.startswith("GET") and "/resolve/" in line]

    def _handler(hub) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler below
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with suppress(BrokenPipeError, ConnectionResetError):  # a client that was stopped hangs up
                    self._answer()

            do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

            def _answer(self) -> None:
                path = unquote(urlsplit(self.path).path)
                hub.requests.append(f"{self.command} {path}")
                if path.startswith("/api/"):
                    repository, _, rest = path.removeprefix("/api/").partition("/tree/")
                    repository = repository.partition("/revision/")[0]
                    self._describe(repository, tree=bool(rest))
                    return
                repository, _, rest = path.removeprefix("/").partition("/resolve/")
                if not repository.startswith("datasets/"):
                    repository = f"models/{repository}"
                self._file(repository, rest.partition("/")[2])

            def _describe(self, repository: str, tree: bool) -> None:
                files = hub.repositories.get(repository)
                if files is None:
                    self._send(401, b"{}", {"X-Error-Code": "RepoNotFound"})
                    return
                if tree:
                    found: object = [
                        {"type": "file", "path": name, "size": len(content), "oid": _etag(content)}
                        for name, content in files.items()
                    ]
                else:
                    siblings = [{"rfilename": name, "size": len(content)} for name, content in files.items()]
                    found = {"id": repository.partition("/")[2], "sha": COMMIT, "siblings": siblings}
                self._send(200, json.dumps(found).encode(), {"Content-Type": "application/json"})

            def _file(self, repository: str, name: str) -> None:
                content = hub.repositories.get(repository, {}).get(name)
                if repository in hub.gated:
                    self._send(403, b"", {"X-Error-Code": "GatedRepo"})
                elif content is None:
                    self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
                else:
                    self._send(200, content, {"ETag": f'"{_etag(content)}"', "X-Repo-Commit": COMMIT}, name)

            def _send(self, status: int, body: bytes, headers: dict[str, str], name: str = "") -> None:
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command == "HEAD":
                    return
                half = len(body) // 2
                self.wfile.write(body[:half])
                hub.before_file(name)
                self.wfile.write(body[half:])

            def log_message(self, *args: object) -> None:
                """Keep the test's output clean."""

        return Handler


def _etag(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


@pytest.fixture
def hub_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A running server that huggingface_hub takes for the Hub, with an empty cache."""
    from huggingface_hub import close_session, constants

    server = HubServer()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(constants, "ENDPOINT", server.url)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", server.url + "/{repo_id}/resolve/{revision}/{filename}"
    )
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    close_session()
    yield server
    close_session()
    server.close()
