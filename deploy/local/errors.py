"""What can go wrong when the stack starts.

StackError
├── RootInUse      another stack runs on the same folder
├── NotAStack      a folder to start afresh in that holds something else
├── UnknownPart    a name that is no part of the stack
└── PartFailed     a part did not become ready; says why, and where its log is
"""

from pathlib import Path


class StackError(Exception):
    """The local stack cannot run."""


class RootInUse(StackError):
    """Two stacks on one root would share data files and ports."""


class NotAStack(StackError):
    """Only a stack's own folder is ever emptied."""


class UnknownPart(StackError):
    """No part has this name."""


class PartFailed(StackError):
    """A part did not start. `tail` holds the last lines of its log."""

    def __init__(self, name: str, reason: str, log: Path | None = None, tail: str = "") -> None:
        self.name = name
        self.reason = reason
        self.log = log
        self.tail = tail
        lines = [f"{name} : {reason}"]
        if tail:
            lines.append(tail)
        if log is not None and log.exists():
            lines.append(f"Journal complet : {log}")
        super().__init__("\n".join(lines))
