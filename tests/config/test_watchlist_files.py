"""Files of watch lists, and the reasons to reject them."""

import json

import pytest

from service.config import watchlist_files
from service.config.settings import SettingError, Settings
from service.config.watchlist_files import (
    prepare_watchlists,
    prepared_watchlists,
    read_watchlists,
)

CSV = """\
id,name,aliases,type,required,excluded,case_sensitive,desk,tier
17,Acme Corp,Acme|ACME,ORGANIZATION,shares | bank,anvil,false,London,
b-2,"Smith, Jones & Co",,,,,,"=1+1",2
"""
JSON_LINES = "\n".join(
    json.dumps(entry)
    for entry in (
        {
            **{"id": 17, "name": "Acme Corp", "aliases": ["Acme", "ACME"], "type": "ORGANIZATION"},
            **{"required": ["shares ", " bank"], "excluded": ["anvil"], "case_sensitive": False},
            "desk": "London",
        },
        {"id": "b-2", "name": "Smith, Jones & Co", "desk": "=1+1", "tier": "2"},
    )
)
YAML = """\
# The same as the other two.
- id: 17
  name: Acme Corp
  aliases: [Acme, ACME]
  type: ORGANIZATION
  required: [shares, bank]
  excluded: [anvil]
  case_sensitive: false
  desk: London
- {id: b-2, name: "Smith, Jones & Co", desk: "=1+1", tier: "2"}
"""
TEXT = "acme and Smith, Jones & Co at the bank. Acme Corp"


def write(folder, **files):
    for name, content in files.items():
        content = content if isinstance(content, bytes) else content.encode()
        (folder / name.replace("_", ".")).write_bytes(content)
    return folder


def entries(folder):
    return [(m.start, m.list, m.entry) for m in read_watchlists(folder).select().find(TEXT)]


@pytest.mark.parametrize("file", ["l_jsonl", "l_ndjson", "l_yaml", "l_yml", "l_CSV"])
def test_the_formats_are_equal(tmp_path, file):
    contents = {"csv": CSV, "yaml": YAML, "yml": YAML}
    (tmp_path / "csv").mkdir()
    (tmp_path / "other").mkdir()
    first = entries(write(tmp_path / "csv", l_csv=CSV))
    content = contents.get(file[2:].lower(), JSON_LINES)
    assert entries(write(tmp_path / "other", **{file: content})) == first
    assert [(start, entry.id) for start, _, entry in first] == [(0, "17"), (9, "b-2"), (40, "17")]
    acme, smith = first[0][2], first[1][2]
    assert (acme.type, acme.names) == ("ORGANIZATION", ("Acme Corp", "Acme", "ACME"))
    assert (acme.required, acme.excluded, acme.case_sensitive) == (
        ("shares", "bank"),
        ("anvil",),
        False,
    )
    assert acme.extra == {"desk": "London"}
    assert smith.extra == {"desk": "=1+1", "tier": "2"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_save_csv_in_many_ways(tmp_path, encoding, newline, delimiter):
    content = newline.join((f"id{delimiter}name", f"1{delimiter}Nestlé", "", delimiter, ""))
    write(tmp_path, l_csv=content.encode(encoding))
    (match,) = read_watchlists(tmp_path).select().find("Nestlé rose")
    assert (match.entry.id, match.entry.name) == ("1", "Nestlé")


def test_a_folder_holds_many_lists_and_a_file_is_one(tmp_path):
    write(tmp_path, clients_csv="id,name\n1,Acme\n2,Bank\n", _hidden="?")
    write(tmp_path, **{"Marken (2024)_yaml": ""})
    assert [(each.name, each.entries) for each in read_watchlists(tmp_path).lists] == [
        ("Marken (2024)", 0),
        ("clients", 2),
    ]
    (clients,) = read_watchlists(tmp_path / "clients.csv").lists
    before = clients.digest
    write(tmp_path, clients_csv="id,name\n1,Acme\n2,Banks\n")
    (clients,) = read_watchlists(tmp_path / "clients.csv").lists
    assert clients.digest != before


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("l_csv", "id,label\n1,A", "l.csv:1: There is no column 'name'"),
        ("l_csv", "", "l.csv:1: There is no column 'id'"),
        ("l_csv", "id,name,name\n1,A,B", "l.csv:1: Each column needs a name of its own."),
        ("l_csv", "id,name\n1,A\n2,\n", "l.csv:3: name: Is required."),
        ("l_csv", 'id,name\n1,"A\nB"\n1,C\n', "l.csv:4: id: '1' is that of line 2, too."),
        ("l_csv", "id,name\n1,A,B\n", "l.csv:2: Has 3 cells; there are 2 columns."),
        ("l_csv", 'id,name\n1,"A"B\n', "l.csv:2: Is not CSV: "),
        ("l_csv", 'id,name\n1,"A\n', "l.csv:2: Is not CSV: "),
        ("l_csv", "id,name,case_sensitive\n1,A,maybe\n", "l.csv:2: case_sensitive: Must be true"),
        ("l_csv", "id,name,type\n1,A,a b\n", "l.csv:2: type: 'a b' is not an entity type"),
        (
            "l_csv",
            "id,name,alias\n1,A,B\n",
            "l.csv:2: alias: Unknown name; did you mean `aliases`?",
        ),
        ("l_csv", "id,Name\n1,A\n", "l.csv:1: There is no column 'name'"),
        ("l_csv", "id,name,aliases\n1,A,B|-\n", "l.csv:2: aliases: '-' has neither a letter nor"),
        ("l_csv", b"id,name\n1,A\n2,Nestl\xe9\n", "l.csv:3: Is not UTF-8"),
        ("l_csv", "id,name\n1,A\x07\n", "l.csv:2: name: Control character U+0007 at offset 1."),
        ("l_jsonl", '{"id": 1, "name": "A"}\n\n{"id": 2', "l.jsonl:3: Is not JSON: "),
        ("l_jsonl", '["A"]', "l.jsonl:1: Must be a mapping with `id` and `name`."),
        ("l_jsonl", '{"id": 1, "name": "\\ud800"}', "l.jsonl:1: name: Lone surrogate U+D800"),
        ("l_jsonl", '{"id": 1, "name": "A", "x": NaN}', "l.jsonl:1: x: Must be a JSON value."),
        ("l_jsonl", '{"id": 1, "name": "A", "x": [9223372036854775808]}', "l.jsonl:1: x: Has "),
        ("l_jsonl", '{"id": 1, "name": "A", "x": {"\\ud800": 1}}', "l.jsonl:1: x: Lone surrogate"),
        (
            "l_jsonl",
            '{"id": 1, "name": "A", "x": ' + 700 * "[" + 700 * "]" + "}",
            "l.jsonl:1: Is nested too deeply.",
        ),
        ("l_jsonl", '{"id": true, "name": "A"}', "l.jsonl:1: id: Must be text; put it in quotes."),
        ("l_jsonl", '{"id": 1, "name": "A", "aliases": "B"}', "l.jsonl:1: aliases: Must be a list"),
        ("l_yaml", "- id: 1\n  name: A\n- id: 2\n", "l.yaml:3: name: Is required."),
        ("l_yaml", "- id: 1\n  name: No\n", "l.yaml:1: name: Must be text; put it in quotes."),
        ("l_yaml", "- id: 1\n  id: 2\n  name: A", "l.yaml:1: id: Must not occur twice."),
        ("l_yaml", "- id: 1\n  name: [A\n- id", "l.yaml:2: Is not YAML: "),
        ("l_yaml", "- id: 1\n  name: A\n  x: 2024-13-01\n", "l.yaml:1: Is not YAML: month must"),
        ("l_yaml", "id: 1\nname: A\n", "l.yaml:1: Must be a list of entries."),
        ("l_yaml", "- !!python/name:os.system x", "l.yaml:1: Is not YAML: "),
        ("l_txt", "Acme", "l.txt: Is not a list; its name must end in one of .csv, .jsonl"),
        ("a,b_csv", "id,name\n", "a,b.csv: The name of a list must have neither"),
        ("a\udcff_csv", "id,name\n", "The name of a list must have neither commas nor control"),
    ],
)
def test_errors_name_the_file_and_the_line(tmp_path, file, content, message):
    with pytest.raises(SettingError) as caught:
        read_watchlists(write(tmp_path, **{file: content}))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_names_of_lists_are_unique(tmp_path):
    with pytest.raises(SettingError, match=r"l\.yaml: There is another list named l\."):
        read_watchlists(write(tmp_path, l_csv=CSV, l_yaml=YAML))


@pytest.mark.parametrize("path", [".", "missing"])
def test_a_folder_without_lists_is_an_error(tmp_path, path):
    with pytest.raises(SettingError, match=r"has no lists|No such file"):
        read_watchlists(tmp_path / path)


def test_lists_that_become_invalid_stay_as_they_were(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(watchlist_files, "_prepared", {})
    settings = Settings(watchlists=str(write(tmp_path, l_csv="id,name\n1,A\n")))
    prepare_watchlists(settings)
    before = prepared_watchlists(settings)
    write(tmp_path, l_csv="id,name\n1,\n")
    prepare_watchlists(settings)
    assert prepared_watchlists(settings) is before
    assert "l.csv:2: name: Is required." in caplog.text
    write(tmp_path, l_csv="id,name\n1,B\n")
    prepare_watchlists(settings)
    (match,) = prepared_watchlists(settings).select().find("A and B")
    assert match.entry.name == "B"


def test_invalid_lists_are_an_error_at_the_start(tmp_path, monkeypatch):
    monkeypatch.setattr(watchlist_files, "_prepared", {})
    settings = Settings(watchlists=str(write(tmp_path, l_csv="id,name\n1,\n")))
    with pytest.raises(SettingError):
        prepare_watchlists(settings)
    with pytest.raises(SettingError):
        prepared_watchlists(settings)
    assert prepared_watchlists(Settings()).lists == ()
