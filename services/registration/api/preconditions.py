"""Which state an act is about: `If-Match` with the tag that was given with it (RFC 9110 §13.1.1)."""

import re
from typing import Annotated

from fastapi import Depends, Header

from services.registration.refusals import state_unreadable, state_unsaid

_TAG = re.compile(r'"([\x21\x23-\x7e]{1,100})"')


def seen(if_match: Annotated[str | None, Header()] = None) -> str:
    """The tag of what the officer looked at; « * » would mean whatever it is now, and is not taken."""
    if if_match is None:
        raise state_unsaid()
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise state_unreadable()
    return found[1]


def tag(state: str) -> dict[str, str]:
    """The header that names the state."""
    return {"ETag": f'"{state}"'}


Seen = Annotated[str, Depends(seen)]
