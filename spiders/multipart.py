"""multipart/form-data whose parts carry their own content type (Scrapy's FormRequest cannot)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def encode(parts: Mapping[str, bytes], content_type: str = "application/json") -> tuple[bytes, str]:
    """Body and Content-Type header for `parts`, in their order.

    The boundary is a hash of the content: equal questions are equal bytes, so they have one fingerprint.
    A file name is sent because browsers send one; some servers read only parts that have it.
    """
    digest = hashlib.sha256()
    for name, content in parts.items():
        digest.update(b"%d %b %d " % (len(name), name.encode(), len(content)))
        digest.update(content)
    boundary = f"callwatch-{digest.hexdigest()[:32]}"
    lines: list[bytes] = []
    for name, content in parts.items():
        disposition = f'Content-Disposition: form-data; name="{name}"; filename="blob"'
        lines += [f"--{boundary}".encode(), disposition.encode()]
        lines += [f"Content-Type: {content_type}".encode(), b"", content]
    lines += [f"--{boundary}--".encode(), b""]
    return b"\r\n".join(lines), f"multipart/form-data; boundary={boundary}"
