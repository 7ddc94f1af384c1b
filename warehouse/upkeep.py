"""A server of the house's own that stays up until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings

T = TypeVar("T")


def stay_up(settings: Settings, server: AbstractContextManager[T], say: Callable[[T], str]) -> None:
    """Keep `server` up and print what `say` tells of it; it stops with Ctrl-C. A SchoolhouseError is one line."""
    # Also when a supervisor ends it, and when a shell started it in the background, the server stops with it.
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, signal.default_int_handler)
    try:
        with server as running:
            sys.stdout.write(say(running))
            sys.stdout.flush()
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        sys.stdout.write("stopped\n")
    except SchoolhouseError as e:
        sys.exit(e.line(settings.language))
