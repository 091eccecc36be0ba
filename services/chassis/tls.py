"""Whom this process trusts when it asks somebody over https."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """What httpx trusts by default, read once for all clients of the process: each time takes 30 ms."""
    return httpx.create_ssl_context()
