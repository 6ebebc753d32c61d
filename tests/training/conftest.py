import pytest
from tokenizers import Tokenizer

from tests.bundle import BUNDLE


@pytest.fixture(scope="session")
def tokenizer():
    return Tokenizer.from_file(str(BUNDLE / "tokenizer.json"))
