"""Starting, starting again, failing, being killed: data stays, processes do not."""

import asyncio
import signal
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.local import LocalStack, PartFailed, RootInUse, StackSettings, UnknownPart
from deploy.local.settings import PROJECT

_RUN_A_STACK = """
import asyncio, sys
from pathlib import Path
from deploy.local import LocalStack

async def main():
    async with LocalStack(Path(sys.argv[1]), only={"postgres", "topics", "mailbox"}, usual_ports=False):
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def _living(root: Path) -> list[str]:
    """Processes of the stack at `root`, its guardian and the database's backends included."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd", "status", "environ"]):
        info = process.info
        places = " ".join(info["cmdline"] or []) + str(info["cwd"])
        if str(root) in places and info["status"] != psutil.STATUS_ZOMBIE:
            found.append(places)
    return found


async def _nothing_living(root: Path, seconds: float) -> bool:
    for _ in range(int(seconds * 10)):
        if not _living(root):
            return True
        await asyncio.sleep(0.1)
    return False


async def test_a_second_start_finds_the_data_ports_and_credentials_of_the_first(stack_root: Path) -> None:
    async with LocalStack(stack_root, only={"postgres"}, usual_ports=False) as first:
        url = first.addresses.databases["documents"]
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
        await connection.close()
    async with LocalStack(stack_root, only={"postgres"}, usual_ports=False) as second:
        assert second.addresses.databases["documents"] == url
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("SELECT value FROM kept") == 42
        await connection.close()
    assert _living(stack_root) == []


async def test_two_stacks_on_one_root_are_refused_and_the_first_goes_on(stack_root: Path) -> None:
    async with LocalStack(stack_root, only={"mailbox"}, usual_ports=False) as first:
        with pytest.raises(RootInUse, match="tourne déjà"):
            await LocalStack(stack_root, only={"mailbox"}, usual_ports=False).__aenter__()
        assert _living(stack_root)
        await first.restart("mailbox")


async def test_a_part_that_fails_says_why_and_ends_the_others(stack_root: Path) -> None:
    broken = stack_root / "parts"
    (broken / "kafka-4.4.0" / "libs").mkdir(parents=True)
    settings = StackSettings(broker="kafka", parts_folder=broken)
    with pytest.raises(PartFailed) as failure:
        await LocalStack(
            stack_root, only={"postgres", "kafka", "mailbox"}, usual_ports=False, settings=settings
        ).__aenter__()
    assert failure.value.name == "kafka"
    assert "kafka.tools.StorageTool" in failure.value.tail
    assert failure.value.log is not None
    assert failure.value.log.exists()
    assert _living(stack_root) == []


def test_an_unknown_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownPart, match="postgre "):
        LocalStack(tmp_path, only={"postgre "})


async def test_a_killed_stack_leaves_no_process_and_its_root_can_be_used_again(stack_root: Path) -> None:
    stack = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _RUN_A_STACK, str(stack_root), cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    assert stack.stdout is not None
    assert await asyncio.wait_for(stack.stdout.readline(), 60) == b"ready\n"
    assert _living(stack_root)
    stack.kill()
    await stack.communicate()
    # At once, while the processes of the first are still ending.
    async with LocalStack(stack_root, only={"postgres"}, usual_ports=False) as again:
        connection = await asyncpg.connect(again.addresses.database_admin)
        await connection.close()
    assert await _nothing_living(stack_root, 5)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_the_command_ends_all_on_a_signal(stack_root: Path, number: signal.Signals) -> None:
    command = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "deploy.cli.main",
        "up",
        "--root",
        str(stack_root),
        "--only",
        "mailbox",
        cwd=PROJECT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert command.stdout is not None
    async with asyncio.timeout(60):
        async for line in command.stdout:
            if "Tout est prêt" in line.decode():
                break
    command.send_signal(number)
    output, _ = await asyncio.wait_for(command.communicate(), 30)
    assert command.returncode == 0
    assert "arrêté" in output.decode()
    assert _living(stack_root) == []


async def test_an_impatient_ctrl_c_during_the_start_leaves_nothing(stack_root: Path) -> None:
    command = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "deploy.cli.main",
        "up",
        "--root",
        str(stack_root),
        "--only",
        "topics",
        "--only",
        "postgres",
        cwd=PROJECT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert command.stdout is not None
    async with asyncio.timeout(60):
        async for line in command.stdout:
            if line.startswith(b"kafka"):
                break
    for _ in range(3):
        if command.returncode is None:
            command.send_signal(signal.SIGINT)
        await asyncio.sleep(0.02)
    output, _ = await asyncio.wait_for(command.communicate(), 30)
    # The last one may hit the interpreter when it is already leaving.
    assert command.returncode in (0, -signal.SIGINT)
    assert "Tout est prêt" not in output.decode()
    assert await _nothing_living(stack_root, 2)


async def test_a_killed_database_takes_its_busy_sessions_along_and_comes_back(stack_root: Path) -> None:
    async with LocalStack(stack_root, only={"postgres"}, usual_ports=False) as stack:
        connection = await asyncpg.connect(stack.addresses.databases["accounts"])
        busy = asyncio.create_task(connection.execute("SELECT count(*) FROM generate_series(1, 1000000000)"))
        await asyncio.sleep(0.2)
        await stack.kill("postgres")
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await busy
        await stack.restart("postgres")
        again = await asyncpg.connect(stack.addresses.databases["accounts"])
        assert await again.fetchval("SELECT 1") == 1
        await again.close()


async def test_a_part_left_for_later_starts_when_told(stack_root: Path) -> None:
    async with LocalStack(
        stack_root, only={"postgres", "mailbox"}, later={"mailbox"}, usual_ports=False
    ) as stack:
        assert "mailbox" not in stack.timings
        await stack.start("mailbox")
        assert "mailbox" in stack.timings
