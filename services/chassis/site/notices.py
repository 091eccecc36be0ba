"""What the page after a redirect says first (« Votre mot de passe est changé »), carried by a cookie.

The cookie is sealed with the browser's secret: nobody else can have our page say something.
"""

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from typing import Literal

from services.chassis.site.tokens import sealed

COOKIE = "avis"
_PURPOSE = "avis"

Kind = Literal["success", "information"]


@dataclass(frozen=True, slots=True)
class Notice:
    """`title` in the reader's words; `text` may add a sentence."""

    title: str
    text: str = ""
    kind: Kind = "success"

    def written(self, browser: str) -> str:
        """As the value of a cookie."""
        content = json.dumps([self.title, self.text, self.kind])
        encoded = base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")
        return f"{encoded}.{sealed(browser, _PURPOSE, encoded)}"

    @classmethod
    def read(cls, cookie: str, browser: str | None) -> "Notice | None":
        """From the value of a cookie; None for one that we did not write for this browser."""
        encoded, _, seal = cookie.partition(".")
        if browser is None or not hmac.compare_digest(
            seal.encode(), sealed(browser, _PURPOSE, encoded).encode()
        ):
            return None
        try:
            return cls(*json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))))
        except (binascii.Error, ValueError, TypeError):
            return None
