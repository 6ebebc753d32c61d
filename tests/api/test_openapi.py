"""schemathesis tries to break the contract: everything it checks, on every operation."""

from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import schemathesis
from hypothesis import settings
from schemathesis.checks import (
    negative_data_rejection,
    not_a_server_error,
    positive_data_acceptance,
    response_schema_conformance,
)

from service.access.api_key import SCOPES, ApiKey, hash_secret, new_secret
from service.access.key_file import add_key
from service.api.parsing import PAGE_TYPES
from service.api.scopes import ROUTE_SCOPES
from service.app import warm_up
from service.config.settings import Settings
from tests.api.conftest import MODEL_INFO, app_around

ROOT = Path(__file__).parent.parent.parent
NAMES = ("english", "german")
LISTS = ("brands", "clients")
OPERATIONS = (("/v1/enrich", "post"), ("/v1/enrich/batch", "post"), ("/v1/model", "get"))
"""Those that are about one model."""


def _app(settings):
    app = app_around(settings, names=NAMES)
    warm_up(app)
    return app


def _contract(settings=Settings(), **headers):  # noqa: B008  immutable
    """The contract with what it leaves to models and lists filled in: names, types, languages."""
    app = _app(replace(settings, watchlists=_lists()))
    contract = schemathesis.openapi.from_wsgi("/openapi.json", app, headers=headers)
    document = contract.raw_schema
    for path, method in OPERATIONS:
        parameters = document["paths"][path][method]["parameters"]
        schemas = {each["name"]: each["schema"] for each in parameters if "name" in each}
        schemas["model"]["enum"] = list(NAMES)
        if "types" in schemas:
            schemas["types"]["items"]["enum"] = list(MODEL_INFO.entity_types)
        if "lists" in schemas:
            schemas["lists"]["items"]["enum"] = list(LISTS)
        if "language" in schemas:
            schemas["language"]["enum"] = list(MODEL_INFO.languages)
    language = document["components"]["schemas"]["Article"]["properties"]["language"]
    language["enum"] = [*MODEL_INFO.languages, None]
    return contract


def _lists():
    """A folder of lists that the example of the contract has the names of."""
    folder = Path(mkdtemp())
    for name in LISTS:
        (folder / f"{name}.csv").write_text("id,name,type,desk\n1,summit,MISC,Asia\n2,Lima,,\n")
    return str(folder)


def _keys():
    """Settings with a file of keys, and the secret of a key with all scopes."""
    path = Path(mkdtemp()) / "keys.yaml"
    secret = new_secret("all")
    add_key(path, ApiKey("all", hash_secret(secret), scopes=SCOPES))
    return Settings(api_keys_file=str(path)), secret


schema = _contract()
guarded_settings, guarded_secret = _keys()
guarded_schema = _contract(guarded_settings, Authorization=f"Bearer {guarded_secret}")


@guarded_schema.parametrize()
@settings(max_examples=30, deadline=None, derandomize=True, database=None)
def test_the_contract_holds_with_and_without_a_key(case):
    plain = {"Accept-Encoding": "identity"}
    response = case.call(headers=plain)
    if case.operation.path in ROUTE_SCOPES:
        assert response.status_code in (401, 405)  # other methods need no key to be wrong
        case.validate_response(response, checks=[response_schema_conformance])
    _validate(case, {**plain, "Authorization": f"Bearer {guarded_secret}"})


@schema.parametrize()
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_the_contract_holds(case):
    # By itself schemathesis asks for codings that it does not unpack here.
    _validate(case, {"Accept-Encoding": "identity"})


def _validate(case, headers):
    # No schema can say which text holds an article.
    any_text = [negative_data_rejection, positive_data_acceptance]
    excluded = any_text if case.media_type in PAGE_TYPES else []
    # With this little time, to be told that it was not enough is right.
    if case.headers.get("X-Request-Timeout", "").startswith("0."):
        excluded = [*excluded, not_a_server_error]
    # HTTP has a server ignore header fields that it does not know.
    if any(name.lower().startswith("x-schemathesis-") for name in case.headers):
        excluded = [*excluded, negative_data_rejection]
    case.call_and_validate(excluded_checks=excluded, headers=headers)
