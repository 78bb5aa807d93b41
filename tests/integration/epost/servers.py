"""A mail server that takes every e-mail and is busy closing when one says goodbye."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from threading import Thread


class ClosingServer:
    """Answers 250 to every e-mail, or the `answers` to what begins a command, and 421 to QUIT. `taken` counts the
    e-mails."""

    def __init__(self, answers: Mapping[bytes, bytes] | None = None) -> None:
        self.taken = 0
        self._answers = {b"DATA": b"354 go on", **(answers or {})}
        self._door = socket.create_server(("127.0.0.1", 0))
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._door.getsockname()[1]}"

    def stop(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._door.accept()
            except OSError:
                return
            with caller:
                self._talk(caller)

    def _talk(self, caller: socket.socket) -> None:
        caller.sendall(b"220 hei\r\n")
        listening = False
        for line in caller.makefile("rb"):
            said = line.strip().upper()
            if said == b"QUIT":
                caller.sendall(b"421 closing\r\n")
                return
            if listening and said != b".":
                continue
            self.taken += listening
            answer = b"250 ok" if said == b"." else self._answers.get(said[:4], b"250 ok")
            listening = answer.startswith(b"354")
            caller.sendall(answer + b"\r\n")
