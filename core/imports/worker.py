"""Do the work of an import that reads foreign files, or goes through many rows in Python, in a child process.

So the server goes on answering, and what a file does to its reader (memory, computing, output, a crash) stays in the child.
``python -m core.imports.worker`` reads one line of JSON (task, folder, arguments), says how far it is, and answers with
one line. It is started anew each time, 0.35 s of computing: nothing of the server's is in it, and nothing of it is left.
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
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import IO

from core.base.child_fences import limit
from core.base.errors import AppError
from core.base.sizes import MIB
from core.imports.custom_value_cleaning import clean_values
from core.imports.facts import find_facts
from core.imports.mail_in.staging import stage_files, stage_mailbox
from core.imports.problems import MappingInvalid, Problem
from core.imports.read_mapping import read_mapping
from core.imports.search_words import write_words
from core.imports.stage import stage
from core.imports.whole_mapping import whole_mapping

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
        "rows": found.rows,
        "kinds": [[number, kinds] for number, kinds in found.kinds.items()],
    }


def _look(_folder: Path, _say: Say, *, path: str, chosen: dict | None = None, name: str | None = None) -> dict:
    """Return what a file is; with the whole mapping that would bring it, remembered as ``name``, where one is asked for."""
    file = Path(path)
    facts = find_facts(file, chosen=chosen)
    mapping = (
        facts.as_mapping(file.stem if file.stem.isidentifier() and file.stem.isascii() else "list", file.name) if facts.is_readable else ""
    )
    return (
        facts.as_dict()
        | {"mapping": mapping}
        | ({"template": None, "whole": ""} if name is None else whole_mapping(facts, name, file.name))
    )


@dataclass(frozen=True)
class Limits:
    """Limits of a child process. ``memory_bytes`` limits its data (RLIMIT_DATA), not the address space of libraries."""

    memory_bytes: int
    cpu_s: int
    written_bytes: int
    answer_bytes: int

    def set(self) -> None:
        """Set the limits for this process, for good; the parent counts the bytes of the answer."""
        limit({resource.RLIMIT_DATA: self.memory_bytes, resource.RLIMIT_CPU: self.cpu_s, resource.RLIMIT_FSIZE: self.written_bytes})


# Spreadsheets are read whole: one with a cell far outside, or inflated on purpose, needs more memory than any real one.
# A row repeated a million times in a few bytes causes a million problems: an answer longer than its limit is not read.
SMALL = Limits(1024 * MIB, cpu_s=300, written_bytes=1024 * MIB, answer_bytes=8 * MIB)
SHEET = Limits(1024 * MIB, cpu_s=300, written_bytes=16 * 1024 * MIB, answer_bytes=8 * MIB)
LARGE = Limits(3 * 1024 * MIB, cpu_s=7200, written_bytes=16 * 1024 * MIB, answer_bytes=512 * MIB)
TASKS: dict[str, Callable[..., dict]] = {
    "stage": _stage, "look": _look, "words": write_words, "values": clean_values, "mails": stage_files, "mailbox": stage_mailbox,
}  # fmt: skip
# Tasks that read foreign files.
FOREIGN = frozenset({"stage", "look", "values", "mails", "mailbox"})
# Settings in the environment, secrets among them, are not passed to a process that reads foreign files.
OWN_SETTINGS = "KUNDENBLICK_"


def beside(task: str, folder: Path, say: Say, *, large: bool, sheets: Sequence[str] = (), **arguments: object) -> dict:
    """Do a task in a child process, or here when it is neither ``large`` nor reads what somebody else wrote; return its answer.

    ``sheets`` names the files of the task that are read whole. Raises MappingInvalid, also for a sheet that takes more memory or
    computing than a real one, and AppError when the child failed.
    """
    if not large and task not in FOREIGN:
        return TASKS[task](folder, say, **arguments)
    limits = SHEET if sheets else LARGE if large else SMALL
    asked = {"task": task, "folder": str(folder), "limits": astuple(limits), "arguments": arguments}
    answer = in_child(json.dumps(asked, default=str), say, limits.answer_bytes)
    if "invalid" in answer:
        raise MappingInvalid([Problem(*parts) for parts in answer["invalid"]])
    if "failed" in answer and sheets and answer["failed"].split(",")[0] in (NO_ANSWER, LONG_ANSWER, "MemoryError"):
        raise MappingInvalid([Problem(name, 0, "", "sheet_costly") for name in sheets])
    if "failed" in answer:
        log.error("the child process of an import failed: %s", answer["failed"])
        raise AppError("import_broke", reason=answer["failed"])
    return answer["done"]


NO_ANSWER, LONG_ANSWER = "no answer", "too long an answer"


def in_child(asked: str, say: Say, most: int) -> dict:
    """Have a child process answer a line of JSON; return its answer, of at most ``most`` bytes, or why there is none (``failed``)."""
    command = [sys.executable, "-m", "core.imports.worker"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(OWN_SETTINGS)}
    try:
        # The child's input stays open until it is done: when the server dies, the child ends.
        with subprocess.Popen(
            command, cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as child:
            try:
                _pipe(child.stdin).write(asked.encode() + b"\n")
                _pipe(child.stdin).flush()
                while line := _pipe(child.stdout).readline(most):
                    if not line.endswith(b"\n"):
                        return {"failed": LONG_ANSWER if len(line) == most else NO_ANSWER}
                    told = json.loads(line)
                    if "say" not in told:
                        return told
                    say(*told["say"])
            finally:
                child.kill()
    except BrokenPipeError:
        log.debug("the child ended before it was asked")
    return {"failed": NO_ANSWER}


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("the child was started without pipes")
    return pipe


def answer(asked: str, say: Say) -> dict:
    """Do the task a line of JSON names; return the answer as ``in_child`` does."""
    about = json.loads(asked)
    try:
        return {"done": TASKS[about["task"]](Path(about["folder"]), say, **about["arguments"])}
    except MappingInvalid as invalid:
        return {"invalid": [problem.as_list() for problem in invalid.problems]}
    except Exception as problem:
        # Where and what kind, never the values: they are client data.
        place = problem.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        return {"failed": f"{type(problem).__name__}, {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""}


def main() -> None:
    """Answer one question at low priority; end when the parent no longer waits."""
    os.nice(10)
    asked = sys.stdin.readline()
    Limits(*json.loads(asked)["limits"]).set()
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()

    def send(message: dict[str, object]) -> None:
        print(json.dumps(message, default=str), flush=True)

    send(answer(asked, lambda key, values: send({"say": [key, values]})))


if __name__ == "__main__":
    main()
