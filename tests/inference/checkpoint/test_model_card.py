import pytest

from service.inference.checkpoint.model_card import Card, read_card


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("", Card()),
        ("Reads news.\n\nMore.", Card(description="Reads news.")),
        ("---\nlanguage: en\n---\n# A\n\nReads\nnews.", Card("", ("en",), "", "Reads news.")),
        ("---\nlanguage: no\nlicense: mit\n---\n", Card("mit", ("no",))),
        ("---\r\nlanguage: [de-AT, multilingual, eng, de]\r\n---\r\n", Card("", ("de",))),
        ("---\nlanguage: [{a: b}]\nlicense: [mit]\npipeline_tag: x\n---", Card("", (), "x")),
        ("---\n: [\n---\nReads.", Card(description="Reads.")),
        (
            "---\njust a line\n---\n<img>\n\n| a |\n\n[![b](c)](d)\n\nReads.",
            Card("", (), "", "Reads."),
        ),
    ],
)
def test_a_card_has_the_metadata_and_the_first_paragraph(tmp_path, text, card):
    (tmp_path / "README.md").write_bytes(text.encode())
    assert read_card(tmp_path) == card


def test_a_missing_card_is_empty(tmp_path):
    assert read_card(tmp_path) == Card()
