"""Files of rows: told by their first bytes, their header found, and no bomb unpacked."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook

from spiders.base import bulk_file
from spiders.base.envelope import NotAnAnswer
from tests.spiders.test_readers import LOL, URL, source


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def test_files_of_rows_are_told_by_their_first_bytes() -> None:
    rows = [["List of calls"], [], ["Title", "Total  cost"], ["Älv", "1,5"], [None, None], ["Å", 7]]
    expected = [{"Title": "Älv", "Total cost": "1,5"}, {"Title": "Å", "Total cost": "7"}]
    semicolons = "\n".join(";".join("" if cell is None else str(cell) for cell in row) for row in rows)
    objects = json.dumps({"n": 2, "rows": [*expected, 5]})
    for body in (
        workbook(*rows),
        semicolons.encode("cp1252"),
        b"\xef\xbb\xbf" + semicolons.encode(),
        objects.encode(),
    ):
        listed = bulk_file.read(body, URL, source("bulk_file"))
        assert [entry.fields for entry in listed.entries] == expected


def repacked(body: bytes, **changed: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, changed.get(part.rpartition("/")[2].partition(".")[0], old.read(part)))
    return packed.getvalue()


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def test_a_file_that_unpacks_to_endless_rows_is_none() -> None:
    good = workbook(["a", "b"], ["c", "d"])
    cell = '<c r="XFD{0}" t="inlineStr"><is><t>x</t></is></c>'
    bombs = {
        "unpacked": SHEET.format(" " * (bulk_file.LARGEST_WORKBOOK + 1)),
        "200000 rows": SHEET.format('<row r="900000000000"><c t="inlineStr"><is><t>x</t></is></c></row>'),
        "4000000 cells": SHEET.format("".join(f'<row r="{n}">{cell.format(n)}</row>' for n in range(1, 400))),
        "no readable": SHEET.format("<row>&a11;</row>").replace("<worksheet", f"{LOL}]><worksheet", 1),
    }
    for told, sheet in bombs.items():
        with pytest.raises(NotAnAnswer, match=told):
            bulk_file.read(repacked(good, sheet1=sheet.encode()), URL, source("bulk_file"))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<!DOCTYPE html><title>Log in</title>", 'a web page instead of a file: "Log in"'),
        (b"PK\x03\x04 and no more", "no readable XLSX"),
        (b'{"a": 1}', "without a list"),
        (b"[" * 100_000, "no whole JSON"),
        (b'a;b\n"' + b"x" * 200_000, "no readable CSV"),
    ],
)
def test_what_is_no_file_of_rows(body: bytes, told: str) -> None:
    with pytest.raises(NotAnAnswer, match=told):
        bulk_file.read(body, URL, source("bulk_file"))
