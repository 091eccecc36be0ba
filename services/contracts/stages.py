"""The stages of a candidature's life (domain page, 'The life of a candidature')."""

from enum import StrEnum


class AccountState(StrEnum):
    """Owned by `accounts`."""

    AWAITING_ACTIVATION = "awaiting_activation"
    ACTIVATED = "activated"
    DELETED = "deleted"


class Stage(StrEnum):
    """Owned by `registration`, from the account's activation to the outcome."""

    AWAITING_ACTIVATION = "awaiting_activation"
    ACTIVATED = "activated"
    REGISTERED = "registered"
    AWAITING_DOCUMENTS = "awaiting_documents"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    HELD = "held"
    NOT_REGISTERED = "not_registered"
    WITHDRAWN = "withdrawn"
    DELETED = "deleted"


class Verdict(StrEnum):
    """What `documents` says of a checklist when the deadline (or the window, if complete) has passed."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    HELD = "held"
