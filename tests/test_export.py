"""Files taken out: formulas neutralised, numbers kept numbers."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from core.errors import NotAllowed, NotFound
from core.export import to_csv, to_xlsx
from core.i18n import speaking
from core.web.exports import fetch, offer

FORMULAS = ["=1+1", "+49 30", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_texts_are_no_formulas(text):
    line = to_csv(["x"], [[text]]).decode("utf-8-sig").split("\r\n", 1)[1]
    assert line.lstrip('"').startswith("'")


@pytest.mark.parametrize("text", FORMULAS)
def test_excel_texts_are_texts(text):
    cell = openpyxl.load_workbook(io.BytesIO(to_xlsx(["x"], [[text]]))).active["A2"]
    assert cell.data_type == "s"


def test_numbers_stay_numbers():
    row = [Decimal("-1234.50"), 3, date(2026, 12, 31), None]
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(list("abcd"), [row]))).active
    assert [cell.value for cell in sheet[2]][:2] == [-1234.5, 3]
    assert sheet["C2"].is_date
    assert to_csv(list("abcd"), [row]).decode("utf-8-sig").splitlines()[1] == "-1234,50;3;2026-12-31;"
    with speaking("en"):
        assert to_csv(list("abcd"), [row]).decode("utf-8-sig").splitlines()[1] == "-1234.50,3,2026-12-31,"


def test_an_export_is_for_one_viewer_with_the_right(firm):
    key = offer(firm.viewer("owner"), "x.csv", "text/csv", lambda: b"x")
    assert fetch(firm.viewer("owner"), key)[1] == b"x"
    with pytest.raises(NotFound):
        fetch(firm.viewer("everything"), key)
    with pytest.raises(NotAllowed):
        fetch(firm.viewer("assigned"), offer(firm.viewer("assigned"), "x.csv", "text/csv", lambda: b"x"))
