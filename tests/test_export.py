"""Files taken out: formulas neutralised, numbers kept numbers."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest

from core.base.errors import NotAllowed, NotFound
from core.documents.spreadsheets import to_csv, to_xlsx
from core.i18n import speaking
from core.overview.listing import ListQuery
from core.ui.overview import full_list
from core.web.export_downloads import fetch, offer

FORMULAS = ["=1+1", "+49 30", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_texts_are_no_formulas(text):
    line = to_csv(["x"], [[text]]).decode("utf-8-sig").split("\r\n", 1)[1]
    assert line.lstrip('"').startswith("'")


@pytest.mark.parametrize("code", ["de", "en"])
@pytest.mark.parametrize("split_at", [",", ";", "\t", "|"])
@pytest.mark.parametrize("between", [",", ";", "\t", "|", '","', '";"', "\n", "\r\n", '"'])
def test_no_reader_finds_a_formula_whatever_it_splits_at(code, split_at, between):
    rows = [[f"a{between}{formula}", f"{between}{formula}", "ganz harmlos"] for formula in FORMULAS]
    with speaking(code):
        written = to_csv(["x", "y", "z"], rows).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(written, newline=""), delimiter=split_at) for cell in row]
    # A reader that splits elsewhere may glue cells, but none of them begins with what calculates.
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]
    own = list(csv.reader(io.StringIO(written, newline=""), delimiter=";" if code == "de" else ","))[1:]
    assert [row[0].replace("'", "") for row in own] == [row[0] for row in rows]


@pytest.mark.parametrize("sign", ["\uffff", "\ufffe", "\ufdd0", "\x00", "\x0b", "\x1f", "\ud800"])
def test_what_a_spreadsheet_cannot_hold_does_not_make_it_unreadable(sign):
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx([f"a{sign}"], [[f"Mül{sign}ler"], ["Ωß😀"]])))
    assert [row[0].value for row in book.active] == ["a", "Müller", "Ωß😀"]
    assert "Müller" in to_csv(["a"], [[f"Mül{sign}ler"]]).decode("utf-8-sig")


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


def test_amounts_and_hours_are_numbers_that_can_be_added_up():
    rows = [[Decimal("800.00"), timedelta(minutes=15)], [Decimal(-3), timedelta(minutes=1220)], [None, None]]
    for code, shown in (("de", '#,##0.00"\N{NO-BREAK SPACE}€"'), ("en", '"€"#,##0.00')):
        with speaking(code):
            sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(["a", "b"], rows, [0]))).active
        assert [sheet[f"A{n}"].value for n in (2, 3, 4)] == [800, -3, None]
        assert [sheet[f"B{n}"].value for n in (2, 3, 4)] == [timedelta(minutes=15), timedelta(minutes=1220), None]
        assert (sheet["A2"].number_format, sheet["B2"].number_format) == (shown, "[h]:mm")
    assert to_csv(["a", "b"], rows, [0]).decode("utf-8-sig").splitlines()[1:] == ["800,00;0,25", "-3;20,333333", ";"]
    with speaking("en"):
        assert to_csv(["a", "b"], [[None, timedelta(hours=100)]]).decode("utf-8-sig").splitlines()[1] == ",100"


def test_the_full_lists_give_amounts_and_hours_as_numbers(firm):
    def exported(key: str, make=to_xlsx):
        return full_list._bytes(firm.account("own", "owner"), key, ListQuery(), make, "de")

    hours = openpyxl.load_workbook(io.BytesIO(exported("time_entries"))).active
    assert hours["D1"].value == "Dauer (Stunden)"
    assert (hours["D2"].value, hours["E2"].data_type) == (timedelta(hours=1), "n")
    invoices = openpyxl.load_workbook(io.BytesIO(exported("unpaid_invoices"))).active
    assert [row[4].value for row in list(invoices.iter_rows())[1:]] == [100, 20, 0, 0]
    assert "€" in invoices["E2"].number_format and invoices["D2"].number_format == invoices["E2"].number_format
    assert [line.split(";")[4] for line in exported("unpaid_invoices", to_csv).decode("utf-8-sig").splitlines()[1:]] == [
        "100,00", "20,00", "0,00", "0,00",
    ]  # fmt: skip
    assert exported("time_entries", to_csv).decode("utf-8-sig").splitlines()[1].split(";")[3] == "1"


def test_an_export_is_for_one_viewer_with_the_right(firm):
    key = offer(firm.viewer("owner"), "x.csv", "text/csv", lambda: b"x")
    assert fetch(firm.viewer("owner"), key)[1] == b"x"
    with pytest.raises(NotFound):
        fetch(firm.viewer("everything"), key)
    with pytest.raises(NotAllowed):
        fetch(firm.viewer("assigned"), offer(firm.viewer("assigned"), "x.csv", "text/csv", lambda: b"x"))
