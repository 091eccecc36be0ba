"""The object store in a folder: what was acknowledged outlives a loss of power."""

import os
from pathlib import Path
from uuid import uuid4

import pytest

from services.documents.objects import Objects, new_key


async def test_a_stored_file_and_its_name_are_on_the_disk_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Path] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        kept.append(Path(f"/proc/self/fd/{descriptor}").readlink())

    monkeypatch.setattr(os, "fsync", noted)
    folder, sent = tmp_path / "objects", tmp_path / "sent"
    sent.write_bytes(b"%PDF")
    key = new_key(uuid4())
    await Objects(folder.as_uri()).put(key, sent)
    assert kept == [folder / key, (folder / key).parent, folder]
    assert (folder / key).read_bytes() == b"%PDF"
