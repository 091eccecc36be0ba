"""A line as the gateway writes it into its log of whom it turned away."""

import json
from datetime import datetime
from typing import Any

from services.chassis.gateway_logs.lines import NOTHING, short


def line(arrived_at: datetime, /, **changes: Any) -> bytes:
    """Of an upload with a cookie, unless it says otherwise; without its end."""
    told = {
        "level": "error",
        "ts": arrived_at.timestamp() + 0.2,
        "msg": "handled request",
        "status": 503,
        "what": "upload",
        "cookie": short("a token"),
        "host_cookie": NOTHING,
        "asked": short("/api/documents/me/pieces/p2/files"),
        "arrived_at": str(int(arrived_at.timestamp() * 1000)),
    }
    return json.dumps(told | changes, separators=(",", ":")).encode()
