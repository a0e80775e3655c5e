"""Waiting for something that another process does: asking again until a deadline."""

import time


def until(question, what, seconds=30, pause=0.2):
    """The first answer that is true.

    # Errors
    When there is none in time: says what was waited for and what was answered last.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what}: not within {seconds} seconds; last answer: {answer!r}")
        time.sleep(pause)
