"""Every store of a running house as bytes, by name: what is searched for a person's marks.

Not among them, since no erasure reaches it at once: what PostgreSQL keeps of deleted rows in its own files
until they are vacuumed and overwritten, its WAL, backups; and the mailbox, which stands for the recipients.
"""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg

from services.chassis.kafka import KafkaSettings, partition_counts
from tests.e2e.house import House

_SERVER_FILES = frozenset({"postgres", "mailbox"})
_NUMBERS = frozenset({".index", ".timeindex"})
"""Kafka's: offsets alone, in files of ten mebibytes."""
_OF_ROWS = ("pg_statistic", "pg_statistic_ext_data", "pg_largeobject")
"""The tables of PostgreSQL's own that hold values of ours; the others hold definitions."""


async def stores(house: House, *folders: Path) -> dict[str, bytes]:
    """All of them, and the files in `folders`."""
    found: dict[str, bytes] = {}
    for read in (_tables, _topics, _workflows):
        found |= {name: content async for name, content in read(house)}
    root = house.addresses.root
    for folder in (root, *folders):
        for file in sorted(folder.rglob("*")):
            place = file.relative_to(folder)
            outside = folder == root and (place.parts[0] in _SERVER_FILES or "mailbox" in file.name)
            if not outside and file.suffix not in _NUMBERS and file.is_file() and not file.is_symlink():
                found[f"file {folder.name}/{place}"] = str(place).encode() + b"\n" + file.read_bytes()
    return found


async def _tables(house: House) -> AsyncIterator[tuple[str, bytes]]:
    """Each table of each database, PostgreSQL's own too, its statistics made anew before."""
    for database, url in house.addresses.databases.items():
        owner = await asyncpg.connect(url)
        try:
            await owner.execute("ANALYZE")
        finally:
            await owner.close()
        server, _, options = house.addresses.database_admin.partition("?")
        name = url.partition("?")[0].rpartition("/")[2]
        admin = await asyncpg.connect(f"{server.rpartition('/')[0]}/{name}?{options}")
        try:
            relations = await admin.fetch(
                "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE c.relkind IN ('r', 'm') AND (n.nspname = 'public' OR c.relname = ANY($1))",
                list(_OF_ROWS),
            )
            assert len(relations) > len(_OF_ROWS), database
            for schema, table in relations:
                # As text, since PostgreSQL's own types have no binary form; bytea is then hexadecimal.
                content = io.BytesIO()
                await admin.copy_from_table(table, schema_name=schema, output=content)
                yield f"table {database} {schema}.{table}", content.getvalue()
        finally:
            await admin.close()


async def _topics(house: House) -> AsyncIterator[tuple[str, bytes]]:
    """Every record of every topic from its beginning, keys and headers too, dead letters included."""
    settings = KafkaSettings(bootstrap_servers=house.addresses.kafka)
    for topic in await partition_counts(settings):
        if topic.startswith("__"):
            continue  # Kafka's own: its files are read
        records = await house.records(topic)
        yield (
            f"topic {topic}",
            b"\n".join(
                b"|".join(
                    [
                        one.key or b"",
                        one.value or b"",
                        *(n.encode() + b"=" + (v or b"") for n, v in one.headers),
                    ]
                )
                for one in records
            ),
        )


async def _workflows(house: House) -> AsyncIterator[tuple[str, bytes]]:
    """Every workflow, ended ones too: its description with memo and search attributes, and its history."""
    client = await house.temporal()
    async for one in client.list_workflows():
        handle = client.get_workflow_handle(one.id, run_id=one.run_id)
        description = await handle.describe()
        history = [event.SerializeToString() async for event in handle.fetch_history_events()]
        content = b"\n".join([description.raw_description.SerializeToString(), *history])
        yield f"workflow {one.id} {one.run_id}", content
