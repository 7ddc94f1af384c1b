"""Messages between the house and its reading processes: JSON with its length before it, and open files beside it."""

from __future__ import annotations

import json
import os
import socket
from collections import deque
from typing import Any

_LENGTH = 4
_READ = 1 << 16


class Gone(Exception):
    """The other side closed its end."""


class Frames:
    """One end of a socket pair."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._buffer = bytearray()
        self._handles: deque[int] = deque()

    def send(self, message: dict[str, Any], handles: tuple[int, ...] = ()) -> None:
        """Raises Gone when nobody listens any more."""
        body = json.dumps(message).encode("ascii")
        frame = len(body).to_bytes(_LENGTH, "big") + body
        try:
            sent = socket.send_fds(self.sock, [frame], handles) if handles else 0
            self.sock.sendall(frame[sent:])
        except (BrokenPipeError, ConnectionError) as e:
            raise Gone from e

    def receive(self) -> tuple[dict[str, Any], list[int]]:
        """The next message and the files that came with it. Raises Gone at the end."""
        while (message := self.next()) is None:
            self.fill()
        handles = [self._handles.popleft() for _ in range(message.get("handles", 0))]
        return message, handles

    def fill(self) -> None:
        """Take what has arrived (waits for it). Raises Gone at the end."""
        try:
            data, handles, _, _ = socket.recv_fds(self.sock, _READ, 4)
        except ConnectionError as e:
            raise Gone from e
        if not data:
            raise Gone
        self._buffer += data
        self._handles.extend(handles)

    def next(self) -> dict[str, Any] | None:
        """The next whole message that has arrived, or None."""
        if len(self._buffer) < _LENGTH:
            return None
        end = _LENGTH + int.from_bytes(self._buffer[:_LENGTH], "big")
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[_LENGTH:end])
        del self._buffer[:end]
        return json.loads(body)

    def close(self) -> None:
        self.sock.close()
        while self._handles:
            os.close(self._handles.popleft())
