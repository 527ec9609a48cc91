"""Sleep as under an ordinary clock: Debian's faketime reads the moment a sleep ends wrongly, and Python's own then raises."""

import select
import time


def sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = sleep
