"""Apache Kafka as Maven Central has it: the jars of the broker, brought once and shared by all stacks."""

import asyncio
import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from deploy.local.children import Command, base_environment, tail
from deploy.local.context import StackContext
from deploy.local.errors import PartFailed

VERSION = "4.4.0"
_OLDEST_JAVA = 17
_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_LIBRARIES = (f"org.apache.kafka:kafka_2.13:{VERSION}", "org.slf4j:slf4j-simple:1.7.36")


class MissingTool(Exception):
    """No JDK, or no Maven to bring the jars; the message says which (French)."""


def find_java() -> str:
    """A `java` that is new enough: JAVA_HOME's, the PATH's, or one where Linux systems keep them."""
    home = os.environ.get("JAVA_HOME")
    candidates = [Path(home, "bin", "java")] if home else []
    if (on_path := shutil.which("java")) is not None:
        candidates.append(Path(on_path))
    candidates += sorted(Path("/usr/lib/jvm").glob("*/bin/java"), reverse=True)
    for candidate in candidates:
        if candidate.exists() and _java_version(candidate) >= _OLDEST_JAVA:
            return str(candidate)
    raise MissingTool(f"pas de Java {_OLDEST_JAVA} ou plus")


def _java_version(java: Path) -> int:
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', answer.stderr)
    return int(found[1]) if found else 0


async def jars(context: StackContext) -> Path:
    """The folder of the broker's jars, fetched by Maven if they are not there yet.

    Raises:
        MissingTool: they are not there and there is no Maven.
        PartFailed: Maven could not bring them.
    """
    folder = context.settings.parts_folder / f"kafka-{VERSION}"
    complete = folder / "libs"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        await _hold(lock)
        if complete.is_dir():
            return complete
        maven = shutil.which("mvn")
        if maven is None:
            raise MissingTool("pas de Maven")
        context.note("kafka", f"Maven apporte Apache Kafka {VERSION} (une seule fois, environ 43 Mo)")
        (folder / "pom.xml").write_text(pom("kafka", _LIBRARIES))
        partial = folder / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        code = await context.children.run(
            Command(
                name="kafka-maven",
                argv=bringing(maven, folder, partial),
                environment=base_environment(),
                folder=folder,
            )
        )
        if code != 0:
            log = context.children.log("kafka-maven")
            raise PartFailed("kafka", f"Maven a échoué (code {code})", log, tail(log))
        partial.rename(complete)
        return complete


def pom(name: str, libraries: Sequence[str]) -> str:
    """A project that is nothing but its libraries, each `group:artifact:version`."""
    dependencies = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
        f"<version>{version}</version></dependency>"
        for group, artifact, version in (one.split(":") for one in libraries)
    )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        f"<groupId>candidat-libre</groupId><artifactId>{name}</artifactId><version>1</version>"
        f"<packaging>pom</packaging><dependencies>{dependencies}</dependencies></project>\n"
    )


def bringing(maven: str, folder: Path, to: Path) -> list[str]:
    """The command that brings the libraries of `folder`'s pom, and theirs."""
    where = ["--file", str(folder / "pom.xml"), "-DincludeScope=runtime", f"-DoutputDirectory={to}"]
    return [maven, "--batch-mode", "--quiet", _PLUGIN, *where]


async def _hold(lock: IO[str]) -> None:
    """Wait for another stack that is fetching them; polling, so that the wait can be cancelled."""
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(0.2)
        else:
            return
