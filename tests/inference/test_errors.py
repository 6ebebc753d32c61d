import pytest

from service.inference.errors import first_line, summarize


@pytest.mark.parametrize(
    ("error", "line", "summary"),
    [
        (ValueError("bad header\nat line 3"), "bad header", "ValueError: bad header"),
        (ValueError("\n  bad header"), "bad header", "ValueError: bad header"),
        (KeyError(), "KeyError", "KeyError"),
        (OSError(" "), "OSError", "OSError"),
    ],
)
def test_the_text_of_an_error_is_one_line(error, line, summary):
    assert first_line(error) == line
    assert summarize(error) == summary
