"""Tests side by side (`pytest -n …`): a folder whose tests share a running stack stays on one worker."""

from pathlib import PurePosixPath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

_SHARE_NOTHING = frozenset({"unit", "contracts", "replay", "workflow"})
"""Folders whose files may go to different workers."""


def house_of(nodeid: str) -> str:
    """What is given to one worker as a whole: a folder with its stack, or a file that needs none."""
    file = PurePosixPath(nodeid.partition("::")[0])
    return str(file if file.parts[1] in _SHARE_NOTHING else file.parent)


class ByHouse(LoadScopeScheduling):
    """In the order of the tests: the slow houses come first by their names."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return house_of(nodeid)
