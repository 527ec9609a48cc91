"""The house rules, each with its reason."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from core.i18n import LANGUAGES, words_of
from core.overview.catalogue import CATALOGUE
from core.store.migrations import migrations
from core.store.queries import load_folder
from core.store.tables import TABLES
from core.store.views import NO_VIEW, view_statements

ROOT = Path(__file__).parents[1]
SOURCES = [*ROOT.glob("core/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"]


def imports_of(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: str(f.relative_to(ROOT)))
def test_imports_run_downwards(file):
    where = str(file.relative_to(ROOT))
    modules = imports_of(file)
    top = {module.split(".")[0] for module in modules}
    if not where.startswith(
        ("pages/", "core/ui/", "app.py", "core/web/guard.py", "core/web/request_log.py", "core/web/sockets.py", "core/web/remembered.py")
    ):
        assert not top & {"streamlit", "streamlit_authenticator"}, "only pages and core/ui draw"
    if not where.startswith("core/store/"):
        assert "duckdb" not in top, "only the store knows a database"
    if where.startswith("core/store/"):
        above = {m for m in modules if m.startswith("core.") and not m.startswith(("core.store", "core.base."))}
        assert not above, "the store is the lowest floor"
    if not where.startswith(("core/ui/", "pages/", "app.py")):
        assert not {m for m in modules if m.startswith(("core.ui", "pages"))}, "nothing below the pages knows how it is drawn"


@pytest.mark.parametrize("room", ["base", "i18n", "store", "access", "identity", "web", "activity"])
def test_no_circle_of_imports_is_left_in_a_room_for_types_either(room):
    """What knows each other in a circle can be neither read, nor tested, nor moved on its own."""
    modules = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in ROOT.glob(f"core/{room}/**/*.py")}
    needs = {
        name: imports_of(file) & set(modules) - {name} for name, file in modules.items() if not name.endswith("__init__")
    }  # what is written under TYPE_CHECKING as well
    while free := [name for name, needed in needs.items() if not needed & needs.keys()]:
        for name in free:
            del needs[name]
    assert not needs


@pytest.mark.parametrize("file", [f for f in SOURCES if "store" not in f.parts], ids=lambda f: str(f.relative_to(ROOT)))
def test_nothing_but_the_store_names_its_tables(file):
    assert "kundenblick.data" not in file.read_text("utf-8"), "reads go through the viewer's views"


def test_the_top_level_holds_rooms_and_each_is_named_in_the_map():
    """A module that lies loose is found by nobody; what the rooms are for stands at the top."""
    import core

    loose = {file.name for file in (ROOT / "core").glob("*") if file.is_file()}
    assert loose == {"__init__.py", "__main__.py"}
    rooms = {folder.name for folder in (ROOT / "core").glob("*") if folder.is_dir() and folder.name != "__pycache__"}
    assert rooms == set(re.findall(r"``([a-z0-9]+)/``", core.__doc__)) - {"pages", "sql"}


def test_every_table_has_a_view_or_a_reason():
    made = set(re.findall(r"CREATE VIEW (\w+)", view_statements()))
    assert made >= set(TABLES) - NO_VIEW


def test_the_schema_and_the_tables_say_the_same():
    text = "".join(f.read_text("utf-8") for f in sorted((ROOT / "core/store/schema").glob("*.sql")))
    assert set(re.findall(r"CREATE TABLE data\.(\w+)", text)) == set(TABLES)


def test_queries_have_neither_limit_of_their_own_nor_a_hidden_command():
    folders = list(ROOT.glob("core/*/sql"))
    assert len(folders) >= 6 and all(load_folder(folder) for folder in folders)
    for widget in CATALOGUE:
        bare = re.sub(r"--[^\n]*", "", widget.query)
        assert "LIMIT" not in bare, widget.key


def test_both_languages_have_the_same_words():
    german, english = (words_of(code) for code in LANGUAGES)
    assert set(german) == set(english)
    blanks = {key: set(re.findall(r"{(\w+)}", text)) for key, text in german.items()}
    assert {key: set(re.findall(r"{(\w+)}", text)) for key, text in english.items()} == blanks


def test_every_word_asked_for_exists():
    known = set(words_of("de"))
    for file in SOURCES:
        for key in re.findall(r"\bt\(\s*\"([a-z_.]+)\"", file.read_text("utf-8")):
            assert key in known or f"{key}.other" in known, f"{file.name}: {key}"


def test_every_widget_has_its_words():
    known = set(words_of("de"))
    for widget in CATALOGUE:
        assert {f"widgets.{widget.key}.{word}" for word in ("title", "empty", "help")} <= known
        assert {f"widgets.{widget.key}.col.{column.key}" for column in widget.columns} <= known


def test_every_error_code_has_its_sentence():
    codes = set()
    for file in SOURCES:
        text = file.read_text("utf-8")
        codes |= set(re.findall(r"^    code = \"(\w+)\"", text, re.MULTILINE))
        codes |= set(re.findall(r"(?:AppError|NotFound|Misconfigured)\(\s*\"(\w+)\"", text))
        codes |= set(re.findall(r"(?<!pop)(?<!get)\(\"(\w+)\", \{\}\)", text))
    sentences = json.loads((ROOT / "core/i18n/de/errors.json").read_text("utf-8"))
    assert codes - set(sentences) == set()


READ_MARKDOWN = {"radio", "pills", "segmented_control", "menu_button"}


def escapes(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "md" for part in ast.walk(node))


@pytest.mark.parametrize(
    "file", [f for f in SOURCES if {"ui", "pages"} & set(f.relative_to(ROOT).parts)], ids=lambda f: str(f.relative_to(ROOT))
)
def test_options_are_escaped_only_for_inputs_that_read_markdown(file):
    """A list to choose from shows its options as they are, and a backslash with them; buttons to choose from read Markdown."""
    tree = ast.parse(file.read_text("utf-8"))
    inner = {f.name: f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)}
    reading: set[ast.AST] = set()
    for call in ast.walk(tree):
        written = next((word.value for word in getattr(call, "keywords", ()) if word.arg == "format_func"), None)
        if written is None:
            continue
        made = inner.get(written.id, written) if isinstance(written, ast.Name) else written
        name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id
        if name in READ_MARKDOWN:
            reading.add(made)
            source = ast.unparse(made)
            own = re.search(r"\bt\(", source) or re.fullmatch(r"[A-Z_]+\.get", source)
            assert escapes(made) or own, f"{file.name}:{call.lineno}: {name} reads Markdown"
        else:
            assert not escapes(made), f"{file.name}:{call.lineno}: {name} does not read Markdown"
    late = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Lambda) and escapes(node) and node not in reading]
    assert not late, f"{file.name}:{late}: escape where it is drawn, for who asks for these words may not read Markdown"


def test_what_an_import_may_bring_is_changed_only_on_record():
    """An import tells what people changed from the record of changes; a bare UPDATE of such a column would be taken for the file's own word."""
    from core.imports.mapping import NO_TARGET, fillable
    from core.store.migrations import newest_columns

    reasons = {
        "core/imports/takeover.py": "writes the entries of the import itself",
        "core/imports/derived_columns.py": "an invoice's status follows its payments",
        "core/store/transactions.py": "is the way on record",
        "core/clients/recent_accounts.py": "what was opened last is not recorded",
    }
    columns: dict[str, set[str]] = {}
    for table, column, *_ in newest_columns():
        columns.setdefault(table, set()).add(column)
    found = []
    for file in ROOT.glob("core/**/*.py"):
        where = str(file.relative_to(ROOT))
        for table, sets in re.findall(r"UPDATE (\w+)(?: \w+)? SET ([^\"']*)", file.read_text("utf-8")):
            given = fillable(table, columns[table]) if table in TABLES and table not in NO_TARGET else set()
            if where not in reasons:
                found += [
                    f"{where}: {table}.{column}" for column in re.findall(r"(\w+) =", sets.partition(" WHERE ")[0]) if column in given
                ]
    assert found == []


def test_every_migration_has_a_number_of_its_own():
    """The second of two with one number would be skipped where the first was applied."""
    numbers = [number for number, _, _ in migrations()]
    assert len(numbers) == len(set(numbers))
