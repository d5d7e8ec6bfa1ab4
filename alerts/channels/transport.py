"""What a request that got no answer means: whether the other side may have taken it nevertheless."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import urllib.error

FAULTS = (OSError, http.client.HTTPException, UnicodeDecodeError)
"""Everything that can go wrong under way, besides an answer (urllib.error.HTTPError, which is an OSError too)."""

_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL})


def never_left(error: BaseException) -> bool:
    """Whether the request surely did not reach the other side: no such name, no connection, no trust.

    A timeout is not among them: it looks the same before and after the request was read.
    """
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, OSError):
        refused = (socket.gaierror, ConnectionRefusedError, ssl.SSLCertVerificationError)
        return isinstance(cause, refused) or cause.errno in _NO_WAY
    return isinstance(cause, str)  # urllib refused the address itself
