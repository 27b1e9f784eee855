"""A service on this machine that speaks the protocol of a language model, and can misbehave."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Service(ThreadingHTTPServer):
    """Answers each caption by ``answers``, or else by itself with "kick" left out."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, str | None] = {}
        self.errors: list[int] = []  # the next answers
        self.broken: bytes | None = None  # what is sent in the place of an answer
        self.asked: list[str] = []
        self.told: set[str] = set()
        self.keys: set[str | None] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        told, caption = (each["content"] for each in request["messages"])
        self.told.add(told)
        self.asked.append(caption)
        said = self.answers.get(caption, f'"{caption.replace("kick", "swing a leg")}"\n')
        message = {"role": "assistant", "content": said}
        return {
            "id": "1",
            "object": "chat.completion",
            "created": 0,
            "model": f"{request['model']}-2026",
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        }


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.server.keys.add(key)
        status = self.server.errors.pop(0) if self.server.errors else 200
        if status != 200:
            sent = json.dumps({"error": {"message": f"no, {key}", "type": "x"}}).encode()
        elif self.server.broken is not None:
            sent = self.server.broken
        else:
            sent = json.dumps(self.server.answer(json.loads(body))).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Service]:
    """A service that answers until the block is left."""
    with Service() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()
