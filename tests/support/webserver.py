"""A server on this machine that cuts off, refuses, lies and changes its mind."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = bytes(range(256)) * 5_000


class Server(ThreadingHTTPServer):
    """Serves ``content`` wherever ``files`` has no other; the rest says how it misbehaves."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = CONTENT
        self.files: dict[str, bytes] = {}  # other contents, by path
        self.etag = '"one"'
        self.kind = "application/octet-stream"
        self.ranges = True
        self.cut: list[int] = []  # bytes after which the next answers break off
        self.errors: list[int] = []  # the next answers
        self.asked: list[str | None] = []  # the ranges asked for
        self.sent = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/file.bin"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server, asked = self.server, self.headers.get("Range")
        server.asked.append(asked)
        if server.errors:
            self.send_error(server.errors.pop(0))
            return
        body, first = server.files.get(self.path, server.content), 0
        expected = self.headers.get("If-Range")
        if server.ranges and asked and expected in (None, server.etag):
            first = int(asked.removeprefix("bytes=").rstrip("-"))
            if first >= len(body):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(body)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body) - first))
        self.send_header("Content-Type", server.kind)
        if server.etag:
            self.send_header("ETag", server.etag)
        self.end_headers()
        part = body[first:][: server.cut.pop(0) if server.cut else None]
        self.wfile.write(part)
        server.sent += len(part)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Server]:
    """A server that answers until the block is left."""
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()
