"""An encrypted backup is nothing without its key, and every cut of it is noticed; the key is kept from others."""

from __future__ import annotations

import os

import pytest

from core.base.errors import AppError
from core.i18n import sentence
from core.operations.backup.encryption import HEAD_BYTES, KEY_BEGINS, PIECE_BYTES, TAG_BYTES, Opening, Sealing, read_key, write_key
from core.operations.backup.restore import examine
from tests.test_backup import build_firm_with_files, sealed


@pytest.fixture
def kept(holding):
    """The small firm with its files."""
    return holding(build_firm_with_files)


def test_with_a_key_it_is_unreadable_without_it(kept, settings, tmp_path):
    archive, key = sealed(settings, tmp_path)
    content = archive.read_bytes()
    assert b"Inhalt" not in content and b"kundenblick.duckdb" not in content
    assert examine(archive, key, settings.data).finding is None
    write_key(tmp_path / "another")
    for known, code in ((None, "backup_needs_key"), (read_key(tmp_path / "another"), "backup_wrong_key")):
        with pytest.raises(AppError) as refused:
            examine(archive, known, settings.data)
        assert refused.value.code == code


def test_a_key_is_kept_from_others_and_never_overwritten(tmp_path):
    write_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(AppError) as refused:
        write_key(tmp_path / "key")
    assert refused.value.code == "key_exists"
    (tmp_path / "key").chmod(0o644)
    (tmp_path / "other").write_text(KEY_BEGINS + "AAAA")
    (tmp_path / "other").chmod(0o600)
    for file, code in (("key", "key_open"), ("other", "key_unusable"), ("none", "key_unusable")):
        with pytest.raises(AppError) as refused:
            read_key(tmp_path / file)
        assert refused.value.code == code and str(tmp_path / file) in sentence(refused.value)
    assert read_key("") is None


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_a_sealed_stream_comes_back_and_every_cut_of_it_is_noticed(tmp_path, size):
    key, content = os.urandom(32), os.urandom(size)
    with (tmp_path / "sealed").open("wb") as out:
        sealing = Sealing(out, key)
        for start in range(0, size, 700_000):
            sealing.write(content[start : start + 700_000])
        sealing.close()
    with (tmp_path / "sealed").open("rb") as source:
        opening = Opening(source, key)
        assert b"".join(iter(lambda: opening.read(10_000), b"")) == content
    whole = (tmp_path / "sealed").read_bytes()
    cuts = {
        HEAD_BYTES,
        HEAD_BYTES + 1,
        HEAD_BYTES + PIECE_BYTES + TAG_BYTES,
        HEAD_BYTES + 2 * (PIECE_BYTES + TAG_BYTES),
        len(whole) - 1,
    } - {len(whole)}
    for cut in [c for c in cuts if c < len(whole)]:
        (tmp_path / "cut").write_bytes(whole[:cut])
        with (tmp_path / "cut").open("rb") as source, pytest.raises(AppError):
            opening = Opening(source, key)
            while opening.read(10_000):
                pass
            if cut == HEAD_BYTES:
                raise AppError("backup_damaged")  # no piece at all: the tar in it has no beginning
