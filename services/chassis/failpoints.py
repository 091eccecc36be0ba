"""Failpoints: named places at which a test lets a process die as by `kill -9`. For tests only.

    reach(Failpoint.MAIL_AFTER_250)      # where the code has just done the one thing and not yet the other

Without `FAILPOINTS_FOLDER` in the environment `reach` does nothing. With it, a file of the failpoint's name
in that folder is taken away by the first process that gets there (one does, since a file is removed once),
and that process ends itself by SIGKILL: nothing is tidied up, nothing is told.
"""

import os
import signal
from enum import StrEnum
from pathlib import Path


class Failpoint(StrEnum):
    """Between which two things the process dies."""

    RELAY_BEFORE_SEND = "relay-before-send"
    """The facts are committed, the broker has none of them."""
    RELAY_BEFORE_MARK = "relay-before-mark"
    """The broker has acknowledged them, their rows are not marked."""
    CONSUMER_BEFORE_ACK = "consumer-before-ack"
    """The effect and its inbox row are committed, the record is not acknowledged."""
    MAIL_BEFORE_SMTP = "mail-before-smtp"
    """The mail is leased, the mail server has not heard of it."""
    MAIL_AFTER_250 = "mail-after-250"
    """The mail server has taken it, the database does not know: the one place where a mail may double."""
    ACTIVITY_BEFORE_COMPLETION = "activity-before-completion"
    """An activity has had its effect, Temporal does not know."""
    BRIDGE_BEFORE_ACK = "bridge-before-ack"
    """The life is woken, the record is not acknowledged."""
    UPLOAD_BEFORE_COMMIT = "upload-before-commit"
    """The object is stored, no row names it."""
    UPLOAD_BEFORE_ANSWER = "upload-before-answer"
    """The file counts, its sender does not know."""
    WORKFLOW_BEFORE_ACTIVITY = "workflow-before-activity"
    """A clock has decided to ask an owner, Temporal does not know."""
    ACTIVATION_BEFORE_ANSWER = "activation-before-answer"
    """The account is activated, who pressed the button does not know."""
    SAVE_BEFORE_ANSWER = "save-before-answer"
    """The version is committed, its candidate does not know."""
    ERASURE_BEFORE_ANSWER = "erasure-before-answer"
    """The account is erased, who asked for it does not know."""


_FOLDER = os.environ.get("FAILPOINTS_FOLDER", "")


def armed() -> bool:
    """Whether this process was started to be killed at failpoints."""
    return bool(_FOLDER)


def reach(failpoint: Failpoint) -> None:
    """Die here if a test asked for it; else nothing."""
    if not _FOLDER:
        return
    try:
        Path(_FOLDER, failpoint.value).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
