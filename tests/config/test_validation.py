import pytest
import yaml
from marshmallow import ValidationError, fields

from service.config.validation import StrictSchema, first_error, parse_yaml


class ItemSchema(StrictSchema):
    size = fields.Integer(strict=True)


class OrderSchema(StrictSchema):
    items = fields.List(fields.Nested(ItemSchema))
    prices = fields.Dict(fields.String(), fields.Integer(strict=True))


@pytest.mark.parametrize(
    ("data", "path", "message"),
    [
        ([], [], "Must be a mapping."),
        ({"item": 1}, ["item"], "Unknown key."),
        ({"items": [{}, {"colour": 1}]}, ["items", 2, "colour"], "Unknown key."),
        ({"items": [{}, 1]}, ["items", 2], "Must be a mapping."),
        ({"items": [{"size": "x"}]}, ["items", 1, "size"], "Not a valid integer."),
        ({"prices": {"a": "x"}}, ["prices", "a"], "Not a valid integer."),
        ({"prices": {7: 1}}, ["prices", "7"], "Not a valid string."),
    ],
)
def test_the_first_error_has_the_path_of_the_invalid_value(data, path, message):
    with pytest.raises(ValidationError) as error:
        OrderSchema().load(data)
    assert first_error(error.value) == (path, message)


def test_yaml_is_parsed():
    assert parse_yaml("a: [1, {b: ä}]".encode()) == {"a": [1, {"b": "ä"}]}


@pytest.mark.parametrize("text", [b"{a: 1, a: 2}", b"x: [{a: 1, b: 2, a: 1}]"])
def test_a_duplicate_key_is_rejected(text):
    with pytest.raises(yaml.YAMLError, match="duplicate key 'a'"):
        parse_yaml(text)


def test_yaml_cannot_construct_python_objects():
    with pytest.raises(yaml.YAMLError):
        parse_yaml(b"!!python/object/apply:os.getcwd []")
