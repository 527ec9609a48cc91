"""The long work of an import that needs Python, row by row: done in a child process, so that the server goes on answering.

``python -m core.imports.beside`` reads one line of JSON (task, folder, arguments), says how far it is, and answers with
one line. Small work is done where it is asked for.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from core.errors import AppError
from core.imports.cleaning import clean_values
from core.imports.mapping import read_mapping
from core.imports.problems import MappingInvalid, Problem
from core.imports.stage import stage
from core.imports.wording import write_words

log = logging.getLogger(__name__)
ROOT = Path(__file__).parents[2]
Say = Callable[[str, dict], None]


def _stage(folder: Path, say: Say, *, mapping: str, columns: dict) -> dict:
    needed = {table: {column: told[1] for column, told in known.items()} for table, known in columns.items()}
    found = stage(read_mapping(Path(mapping), needed), columns, folder, say)
    return {
        "refused": [problem.as_list() for problem in found.refused],
        "mended": [problem.as_list() for problem in found.mended],
        "noted": [problem.as_list() for problem in found.noted],
        "kinds": [[number, kinds] for number, kinds in found.kinds.items()],
    }


# What a child may take that reads people's files. Spreadsheets are read whole: a cell far outside, or a file blown up on purpose, asks for more
# than any real one. RLIMIT_DATA counts what is really asked for, not the address space of libraries.
SHEET_BYTES, TEXT_BYTES, WRITTEN_BYTES = 1024 * 2**20, 3 * 1024 * 2**20, 16 * 1024 * 2**20
SHEET_CPU_S, TEXT_CPU_S = 300, 7200
TASKS: dict[str, Callable[..., dict]] = {"stage": _stage, "words": write_words, "values": clean_values}


def beside(task: str, folder: Path, say: Say, *, large: bool, sheets: Sequence[str] = (), **arguments: object) -> dict:
    """Do a task in a child process when it is ``large`` or reads ``sheets`` (names of files that are read whole), else here.

    Returns its answer. Raises MappingInvalid, also for a sheet that takes more memory or computing than a real one, AppError.
    """
    return _in_child(task, folder, say, arguments, sheets) if large or sheets else TASKS[task](folder, say, **arguments)


def _in_child(task: str, folder: Path, say: Say, arguments: dict[str, object], sheets: Sequence[str]) -> dict:
    asked = json.dumps({"task": task, "folder": str(folder), "sheets": list(sheets), "arguments": arguments}, default=str)
    answer: dict = {"failed": "no answer"}
    command = [sys.executable, "-m", "core.imports.beside"]
    # Its input stays open until it is through: when the server dies, it ends.
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
    ) as child:
        try:
            print(asked, file=child.stdin, flush=True)
            for line in child.stdout:
                told = json.loads(line)
                if "say" in told:
                    say(*told["say"])
                else:
                    answer = told
        finally:
            child.kill()
    if "invalid" in answer:
        raise MappingInvalid([Problem(*one) for one in answer["invalid"]])
    if "failed" in answer and sheets and answer["failed"].split(",")[0] in ("no answer", "MemoryError"):
        raise MappingInvalid([Problem(name, 0, "", "sheet_costly") for name in sheets])
    if "failed" in answer:
        log.error("the child process of an import failed: %s", answer["failed"])
        raise AppError("import_broke", reason=answer["failed"])
    return answer["done"]


def main() -> None:
    """Answer one question, with the least claim on the processor; end when nobody waits any more."""
    os.nice(10)
    asked = json.loads(sys.stdin.readline())
    sheets = bool(asked["sheets"])
    for what, most in (
        (resource.RLIMIT_DATA, SHEET_BYTES if sheets else TEXT_BYTES),
        (resource.RLIMIT_CPU, SHEET_CPU_S if sheets else TEXT_CPU_S),
        (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()

    def send(**message: object) -> None:
        print(json.dumps(message, ensure_ascii=False, default=str), flush=True)

    try:
        send(done=TASKS[asked["task"]](Path(asked["folder"]), lambda key, values: send(say=[key, values]), **asked["arguments"]))
    except MappingInvalid as invalid:
        send(invalid=[problem.as_list() for problem in invalid.problems])
    except Exception as problem:
        # Where and what kind, never the values: they are client data.
        place = problem.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        send(failed=f"{type(problem).__name__}, {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else "")


if __name__ == "__main__":
    main()
