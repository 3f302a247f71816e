"""A callback that keeps something is carried out whole."""

import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException

from pdd_audit.ui.presses import whole


def test_a_press_that_the_next_one_cuts_short_is_carried_out_before_it():
    waiting, kept = [RerunException(RerunData())], []

    @whole
    def keep(answer):
        if waiting:
            raise waiting.pop()
        kept.append(answer)

    with pytest.raises(RerunException):
        keep("met")
    keep("unmet")
    assert kept == ["met", "unmet"]
