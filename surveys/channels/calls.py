"""What a failed HTTP call to a provider says of the message in it."""

from __future__ import annotations

from typing import Final

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

NO_CREDENTIALS: Final = frozenset({401, 403})
BUSY: Final = frozenset({429, 503})
FROM_A_PROXY: Final = frozenset({502, 504})  # the provider behind it may have taken the message


def never_left(cause: BaseException | None) -> bool:
    """Whether no connection came about: then nothing of the request was sent."""
    if isinstance(cause, requests.ConnectTimeout | requests.exceptions.SSLError):
        return True
    inner = cause.args[0] if isinstance(cause, requests.ConnectionError) and cause.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
