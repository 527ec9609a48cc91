"""Where one is on the page stands in the address: ``?file=12&step=3`` until a job reads the file, ``?import=17`` from then on."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

FILE, JOB, STEP = "file", "import", "step"


class Place(NamedTuple):
    """The file or the job one is at, and the step that was asked for; 0 where the address names none."""

    file_id: int = 0
    job_id: int = 0
    step: int = 0


def place_asked() -> Place:
    """Return where the address leads."""
    return Place(_number(FILE), _number(JOB), _number(STEP))


def go_to(place: Place) -> None:
    """Write a place into the address; the next run of the page is there (a button's callback)."""
    said = {FILE: place.file_id, JOB: place.job_id, STEP: place.step}
    st.query_params.from_dict({name: str(value) for name, value in said.items() if value})


def _number(name: str) -> int:
    text = st.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
