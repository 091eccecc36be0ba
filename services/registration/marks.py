"""Where things stand on the confirmation, in mm from the page's top left, and what its code says.

The template draws by these numbers and `documents` reads scans back by them, so both come from here. A change
of a frame or a target needs another `PREFIX`: sheets printed before would be read at the wrong places.
"""

import hashlib
from collections.abc import Mapping
from uuid import UUID

from services.contracts.internal import ConfirmationMarks, Rectangle

PREFIX = "CI1:"
"""*Confirmation d'inscription*, layout 1."""
PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
CODE = Rectangle(x=166.9, y=13, width=26.1, height=26.1)
TARGETS = ((10.5, 15.0), (10.5, 284.0), (199.5, 284.0))
TARGET_RADII = (2.4, 1.6, 0.8)
DATE = Rectangle(x=17, y=240, width=70, height=28)
SIGNATURE = Rectangle(x=93, y=240, width=100, height=28)


def marks(
    candidate_id: UUID, version: int, codes: Mapping[int, str], blank: tuple[Rectangle, ...]
) -> ConfirmationMarks:
    """The marks of a candidate's confirmations.

    Args:
        version: the one in force. codes: of every version. blank: of the sheet of the version in force.
    """
    return ConfirmationMarks(
        candidate_id=candidate_id,
        version=version,
        prefix=PREFIX,
        codes={number: hashlib.sha256(code.encode()).hexdigest() for number, code in codes.items()},
        page_width=PAGE_WIDTH,
        page_height=PAGE_HEIGHT,
        code=CODE,
        targets=TARGETS,
        target_radii=TARGET_RADII,
        date=DATE,
        signature=SIGNATURE,
        blank=blank,
    )


def drawing() -> dict[str, object]:
    """What the template draws by."""
    return {
        "code": CODE.model_dump(),
        "targets": TARGETS,
        "target_radii": TARGET_RADII,
        "date": DATE.model_dump(),
        "signature": SIGNATURE.model_dump(),
    }
