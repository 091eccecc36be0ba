"""A root is emptied only if a stack has made it; a local stack's session is open on its first day."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local.calendar import open_session
from deploy.local.errors import NotAStack
from deploy.local.root_lock import forget
from services.registration.configuration import calendar


def test_folder_that_no_stack_made_is_never_emptied(tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("mine")
    with pytest.raises(NotAStack):
        forget(tmp_path)
    assert precious.read_text() == "mine"


def test_stack_that_starts_afresh_forgets_all_but_its_lock(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    root = tmp_path / "root"
    (root / "logs").mkdir(parents=True)
    for name in ("lock", "secrets.json", "logs/old.log"):
        (root / name).touch()
    (root / "postgres").symlink_to(elsewhere)
    forget(root)
    assert [path.name for path in root.iterdir()] == ["lock"]
    assert not elsewhere.exists()


def test_an_empty_root_needs_no_forgetting(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    forget(tmp_path)
    assert (tmp_path / "lock").exists()


def test_local_session_is_open_today_and_kept_for_the_next_start(tmp_path: Path) -> None:
    file = open_session(tmp_path / "root")
    session = calendar(file)
    assert session.opens_at <= datetime.now(UTC) < session.closes_at < session.deadline_at < session.ends_at
    first = file.read_text()
    assert open_session(tmp_path / "root").read_text() == first
