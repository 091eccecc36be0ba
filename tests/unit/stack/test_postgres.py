"""What the local database server is told."""

from deploy.local import StackSettings
from deploy.local.parts.postgres import server_options


def test_only_a_stack_that_is_thrown_away_does_without_fsync() -> None:
    assert "fsync" not in server_options(StackSettings(), 5432)
    assert server_options(StackSettings(database_fsync=False), 5432)["fsync"] == "off"


def test_a_commit_is_written_before_it_is_answered_in_both() -> None:
    for fsync in (True, False):
        assert "synchronous_commit" not in server_options(StackSettings(database_fsync=fsync), 5432)
