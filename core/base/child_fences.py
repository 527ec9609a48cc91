"""Fences that a child process sets up around itself, for good, before it touches what somebody else wrote.

It imports nothing of the product, so that a program of its own (``python -I``) can use it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
from collections.abc import Iterable, Mapping
from pathlib import Path

# System calls of Landlock (Linux 5.13), the same on x86-64 and ARM.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_RULE_PATH_BENEATH = 1
# Rights on files, from the version of Landlock that knows them: thirteen bits, then one each.
_FILE_BITS = {1: 13, 2: 14, 3: 15, 5: 16}
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
# Binding and connecting TCP, from version 4 on.
_TCP = 0b11
# Abstract sockets and signals of other processes, from version 6 on.
_OTHER_PROCESSES = 0b11
# Options of prctl: to gain no rights by running a program; to end with the thread that started this process.
_NO_NEW_RIGHTS, _END_WITH_PARENT = 38, 1
_SIGKILL = 9


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("place", ctypes.c_int32))


def limit(limits: Mapping[int, int]) -> None:
    """Set limits of this process (``resource.RLIMIT_…`` → most), and none to be written out when it crashes."""
    for what, most in {**limits, resource.RLIMIT_CORE: 0}.items():
        resource.setrlimit(what, (most, most))


def landlock_version() -> int:
    """Return the version of Landlock this kernel has; 0 for none."""
    return max(0, int(_libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_VERSION))))


def end_with_parent() -> None:
    """Have the kernel end this process when the thread that started it ends."""
    _libc().prctl(_END_WITH_PARENT, _SIGKILL, 0, 0, 0)


def read_only(paths: Iterable[str | Path]) -> bool:
    """Let this process read these files and folders and nothing else, write nothing, use no TCP and signal no other process; return whether the kernel can.

    It binds threads that are begun afterwards, and this one, not those that run already. Paths that are missing are left out.
    """
    version, libc = landlock_version(), _libc()
    if not version:
        return False
    bits = max(count for since, count in _FILE_BITS.items() if since <= version)
    asked = _Ruleset((1 << bits) - 1, _TCP, _OTHER_PROCESSES)
    # What an older version does not know is not handed to it.
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(asked), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    try:
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                place = os.open(path, os.O_PATH | os.O_CLOEXEC)
                allowed = _READ_FILE | (_READ_FOLDER if Path(path).is_dir() else 0)
                rule = _Beneath(allowed, place)
                added = libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), ctypes.c_uint32(0))
                os.close(place)
                if added:
                    return False
        return not libc.prctl(_NO_NEW_RIGHTS, 1, 0, 0, 0) and not libc.syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
