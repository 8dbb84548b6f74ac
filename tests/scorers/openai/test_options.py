from __future__ import annotations

import pytest

from classifier.errors import UsageError
from classifier.scorers.openai.options import OpenAIOptions


@pytest.mark.parametrize("options", [{"pack": 0}, {"concurrency": 0}, {"timeout": 0}])
def test_an_option_that_makes_no_sense_is_refused_by_name(options):
    with pytest.raises(UsageError, match=next(iter(options))):
        OpenAIOptions(**options)


def test_a_number_that_is_none_is_too_small():
    with pytest.raises(UsageError, match="rpm"):
        OpenAIOptions(rpm=float("nan"))
