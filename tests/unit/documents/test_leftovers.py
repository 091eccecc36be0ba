"""What a killed upload leaves on disk does not stay there."""

import os
from pathlib import Path

from services.documents.leftovers import OLD_SECONDS, sweep, upload_folder


def test_the_folder_of_an_upload_ends_with_it(tmp_path: Path) -> None:
    with upload_folder(tmp_path) as made:
        (Path(made) / "body").write_bytes(b"paper")
    assert list(tmp_path.iterdir()) == []


def test_one_left_by_a_killed_process_is_deleted_after_an_hour_and_nothing_else(tmp_path: Path) -> None:
    with upload_folder(tmp_path) as made:
        folder = Path(made)
        (folder / "body").write_bytes(b"paper")
        (other := tmp_path / "upload-of-another-program").mkdir()
        now = folder.stat().st_mtime
        os.utime(other, (now - 10 * OLD_SECONDS,) * 2)
        assert sweep(tmp_path, now + OLD_SECONDS - 1) == 0
        assert (folder / "body").exists()
        assert sweep(tmp_path, now + OLD_SECONDS + 1) == 1
        assert not folder.exists()
        folder.mkdir()  # for the context, which deletes it
    assert other.exists()
