"""schemathesis tries to break the contract: everything it checks, on every operation."""

from pathlib import Path

import schemathesis
from hypothesis import settings
from schemathesis.checks import (
    negative_data_rejection,
    not_a_server_error,
    positive_data_acceptance,
)

from service.api.parsing import PAGE_TYPES
from service.app import warm_up
from service.config.settings import Settings
from tests.api.conftest import MODEL_INFO, app_around

ROOT = Path(__file__).parent.parent.parent
NAMES = ("english", "german")
OPERATIONS = (("/v1/enrich", "post"), ("/v1/enrich/batch", "post"), ("/v1/model", "get"))
"""Those that are about one model."""


def _app():
    app = app_around(Settings(), names=NAMES)
    warm_up(app)
    return app


def _contract():
    """The contract with what it leaves to the models filled in: names, types and languages."""
    contract = schemathesis.openapi.from_wsgi("/openapi.json", _app())
    document = contract.raw_schema
    for path, method in OPERATIONS:
        parameters = document["paths"][path][method]["parameters"]
        schemas = {each["name"]: each["schema"] for each in parameters if "name" in each}
        schemas["model"]["enum"] = list(NAMES)
        if "types" in schemas:
            schemas["types"]["items"]["enum"] = list(MODEL_INFO.entity_types)
        if "language" in schemas:
            schemas["language"]["enum"] = list(MODEL_INFO.languages)
    language = document["components"]["schemas"]["Article"]["properties"]["language"]
    language["enum"] = [*MODEL_INFO.languages, None]
    return contract


schema = _contract()


@schema.parametrize()
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_the_contract_holds(case):
    # No schema can say which text holds an article.
    any_text = [negative_data_rejection, positive_data_acceptance]
    excluded = any_text if case.media_type in PAGE_TYPES else []
    # With this little time, to be told that it was not enough is right.
    if case.headers.get("X-Request-Timeout", "").startswith("0."):
        excluded = [*excluded, not_a_server_error]
    # HTTP has a server ignore header fields that it does not know.
    if any(name.lower().startswith("x-schemathesis-") for name in case.headers):
        excluded = [*excluded, negative_data_rejection]
    # By itself schemathesis asks for codings that it does not unpack here.
    plain = {"Accept-Encoding": "identity"}
    case.call_and_validate(excluded_checks=excluded, headers=plain)
