"""What one process drew, for the others: in Valkey, for seconds.

Losing it loses nothing but the time to draw once more. So: short time-outs, nothing tried for a
while after a failure, and whoever waits for another process gives up and draws itself.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.core import signing

logger = logging.getLogger(__name__)

_PREFIX, _SALT = "board:part:", "board.shelf"
_TIMEOUT, _SILENCE = 0.2, 5.0
# How long a drawing lies there, how long who draws may take before another one does, and how often
# who waits looks.
_KEPT_MS, _PATIENCE, _PAUSE = 10_000, 1.0, 0.01


class Shelf:
    """Sealed under its name: nothing that lies there counts as anything else, or as ours when it is
    not. `clock` gives seconds that only grow, and `wait` lets some go by."""

    def __init__(
        self,
        url: str = "",
        *,
        timeout: float = _TIMEOUT,
        patience: float = _PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self._wait, self._patience = clock, wait, patience
        self._silent_until = float("-inf")
        self._redis = redis.Redis.from_url(
            url or settings.REDIS_URL,
            socket_timeout=timeout, socket_connect_timeout=timeout, retry=None,
        )  # fmt: skip

    def take(self, name: str) -> Any | None:
        """What lies there; waits for another process that is drawing it. None: draw it yourself,
        and the others wait for you."""
        until = self._clock() + self._patience
        while True:
            # One question: takes what lies there, or else lays down that it is being drawn.
            sealed = self._ask(
                "set", _PREFIX + name, b"", nx=True, get=True, px=int(self._patience * 1000)
            )
            if sealed is None:
                return None
            if sealed:
                try:
                    return signing.loads(sealed.decode(), salt=_SALT + name)
                except (signing.BadSignature, ValueError):
                    return None
            if self._clock() >= until:
                return None
            self._wait(_PAUSE)

    def put(self, name: str, drawn: Any) -> None:
        sealed = signing.dumps(drawn, salt=_SALT + name, compress=True)
        self._ask("set", _PREFIX + name, sealed, px=_KEPT_MS)

    def leave(self, name: str) -> None:
        """It was not drawn after all."""
        self._ask("delete", _PREFIX + name)

    def _ask(self, command: str, *words: Any, **options: Any) -> Any:
        if self._clock() < self._silent_until:
            return None
        try:
            return getattr(self._redis, command)(*words, **options)
        except (redis.RedisError, OSError) as error:
            self._silent_until = self._clock() + _SILENCE
            logger.warning("processes draw for themselves for %s s: %s", _SILENCE, error)
            return None
