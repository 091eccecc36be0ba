"""The ledger is a witness: what it knows of the product it has from outside."""

import ast
import sys
from pathlib import Path

import tests.faults.ledger

_FOLDER = Path(tests.faults.ledger.__file__).parent
_LIBRARIES = {
    "aiokafka",
    "asyncpg",
    "h11",
    "httpx",
    "hypothesis",
    "pikepdf",
    "PIL",
    "pydantic",
    "pypdfium2",
    "temporalio",
}
_OWN = "tests.faults.ledger"


def _imported(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name} imports by dots"
            found.add(node.module or "")
    return found


def test_the_ledger_imports_nothing_of_the_product_nor_of_the_other_tests() -> None:
    files = list(_FOLDER.rglob("*.py"))
    assert len(files) > 20
    allowed = _LIBRARIES | sys.stdlib_module_names
    for file in files:
        strange = {
            name
            for name in _imported(file)
            if not (name == _OWN or name.startswith(f"{_OWN}.")) and name.partition(".")[0] not in allowed
        }
        assert not strange, f"{file.relative_to(_FOLDER)} imports {strange}"
