"""What a browser may do with our answers: said on every one of them, over whatever a route said.

Pages run our own script files and styles only, nothing inline; nobody may frame them. A route's `sandbox`
stays, with what it adds: it is stricter, and meant for strangers' files. What a route says about keeping its
answer stays too; where it says nothing, nobody keeps it (RFC 9111 §5.2.2.5): most of what we answer is
personal.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
OTHER_POLICY = "default-src 'none'; frame-ancestors 'none'"
# A browser's own PDF viewer is a page that the policy of the file would be applied to.
PDF_POLICY = "frame-ancestors 'none'"

# Not `no-referrer`: with it a browser sends `Origin: null` with our own forms, and one without Fetch Metadata
# would be refused as another site. An address may hold a secret (links of mails): no other site gets it.
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_OPEN_TO_ALL = "/statique/"
_ONE_YEAR = "max-age=31536000; includeSubDomains"


class SafeHeaders:
    """Adds them. `secure`: the site is served by https, and browsers shall never come by http again."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.always = _ALWAYS | ({"Strict-Transport-Security": _ONE_YEAR} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self.always)
                said = headers.get("content-security-policy", "")
                headers["Content-Security-Policy"] = _policy(headers.get("content-type", ""), said)
                if not scope["path"].startswith(_OPEN_TO_ALL):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def _policy(content_type: str, said: str) -> str:
    if said.startswith("sandbox"):
        return f"{said}; frame-ancestors 'none'"
    if content_type.startswith("text/html"):
        return PAGE_POLICY
    return PDF_POLICY if content_type.startswith("application/pdf") else OTHER_POLICY
