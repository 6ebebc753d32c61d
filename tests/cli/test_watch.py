"""``enrich watch``: the names of lists in articles."""

import csv
import io
import json
import pickle
import random
import re
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from service.cli import options
from service.cli.engines import enrich_with
from service.config.settings import Settings
from service.enrichment.watchlists.index import WatchlistIndex
from tests.api.conftest import app_around
from tests.bundle import ROOT
from tests.cli.conftest import lines_of
from tests.enrichment.watchlists.test_index import generated_names

BBC = ROOT.parent / "shared" / "data" / "articles" / "bbc.jsonl"


@contextmanager
def engine_around(settings, parameters, lists=None):
    """An engine with the fake model in this process."""
    watchlists = None if lists is None else WatchlistIndex(pickle.loads(pickle.dumps(lists)))
    enrich_document = enrich_with(app_around(settings, watchlists=watchlists), parameters)
    yield lambda documents: ((document, enrich_document(document)) for document in documents)


@pytest.fixture
def watch(enrich, tmp_path, monkeypatch):
    """Search two articles for a list, with the fake model."""
    (tmp_path / "a.txt").write_text("Ann praised the iphone.\nIt said that Paris was\nbad.")
    (tmp_path / "b.jsonl").write_text('{"text": "Ann left.", "id": "b-1", "title": "=Ann"}\n')

    def embedded(new_app, parameters):
        _, lists = new_app.args
        return engine_around(Settings(), parameters, lists)

    monkeypatch.setattr(options, "embedded", embedded)

    def call(content, *arguments, files=("a.txt", "b.jsonl"), name="clients.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
        return enrich("watch", name, *files, *arguments)

    return call


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


LIST = "id,name,aliases,desk\n1,iPhone,iphone,London\n=2,Ann,,\n3,Paris,,\n"


def test_each_hit_is_a_row(watch):
    result = watch(LIST)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "article,article_id,list,id,name,mention,section,start,end,sentence,sentiment,score,salience",
        "a.txt,,clients,'=2,Ann,Ann,text,0,3,Ann praised the iphone.,POSITIVE,0.85,0.5952",
        "a.txt,,clients,1,iPhone,iphone,text,16,22,Ann praised the iphone.,POSITIVE,0.85,0.2108",
        "a.txt,,clients,3,Paris,Paris,text,37,42,It said that Paris was bad.,NEGATIVE,-0.85,0.194",
        "b.jsonl:1,b-1,clients,'=2,Ann,Ann,title,1,4,'=Ann,NEUTRAL,0.0,1.0",
        "b.jsonl:1,b-1,clients,'=2,Ann,Ann,text,0,3,Ann left.,NEUTRAL,0.0,1.0",
    ]
    assert "5 hits in 2 articles." in result.stderr


def test_rows_stay_whole_whatever_ends_the_lines_of_an_article(watch, tmp_path):
    (tmp_path / "old.txt").write_bytes(b"It praised Acme\rBank.")
    result = watch("id,name\n1,Acme Bank\n", "-o", "hits.csv", files=("old.txt",))
    assert result.exit_code == 0
    with (tmp_path / "hits.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["mention"], row["section"]) == ("Acme\rBank", "text")


@pytest.mark.parametrize("output", ["lists/clients.csv", "lists/hits.csv"])
@pytest.mark.parametrize("argument", ["lists/clients.csv", "lists"])
def test_hits_do_not_replace_the_list(watch, enrich, tmp_path, argument, output):
    watch(LIST, name="lists/clients.csv")
    result = enrich("watch", argument, "a.txt", "-o", output)
    protected = argument == "lists" or argument == output
    assert result.exit_code == (2 if protected else 0)
    assert (tmp_path / output).exists() == (not protected or "clients" in output)
    assert (tmp_path / "lists" / "clients.csv").read_text() == LIST


@pytest.mark.parametrize("arguments", [("-o", "hits.jsonl"), ("--output", "ndjson")])
def test_hits_are_lines_of_json_too(watch, tmp_path, arguments):
    result = watch(LIST, *arguments)
    text = (tmp_path / "hits.jsonl").read_text() if "-o" in arguments else result.stdout
    hits = lines_of(text)
    assert [hit["id"] for hit in hits] == ["=2", "1", "3", "=2", "=2"]
    assert hits[1]["extra"] == {"desk": "London"}
    assert hits[3]["sentence"] == "=Ann"
    assert all(isinstance(hit["score"], float) for hit in hits)


def test_a_folder_of_lists_is_searched_for_at_once(watch, enrich):
    watch('{"id": 1, "name": "Ann"}\n', name="lists/x.jsonl")
    watch("- {id: 1, name: Ann}\n", name="lists/y.yaml")
    rows = rows_of(enrich("watch", "lists", "b.jsonl").stdout)
    assert [(row["list"], row["start"]) for row in rows] == [
        *(("x", "1"), ("y", "1"), ("x", "0"), ("y", "0")),
    ]


def test_the_list_of_the_argument_replaces_those_of_the_environment(watch, monkeypatch):
    monkeypatch.setenv("WATCHLISTS", "/no/such/folder")
    result = watch(LIST)
    assert result.exit_code == 0, result.stderr
    assert len(rows_of(result.stdout)) == 5


def test_a_list_is_read_once(watch, monkeypatch):
    reads = []
    read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: reads.append(path) or read_bytes(path))
    assert watch(LIST).exit_code == 0
    assert [path.name for path in reads].count("clients.csv") == 1


def test_articles_that_fail_lead_to_exit_code_1(watch, tmp_path):
    (tmp_path / "c.txt").write_text(" ")
    result = watch(LIST, files=("a.txt", "c.txt"))
    assert result.exit_code == 1
    assert len(rows_of(result.stdout)) == 3
    assert "c.txt: " in result.stderr


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        ("id,name\n1,\n", (), "clients.csv:2: name: Is required."),
        ("id;name\n1;A;B\n", (), "clients.csv:2: Has 3 cells"),
        (LIST, ("--output", "html"), "html"),
        (LIST, ("-o", "hits.json"), "hits.json does not end in .csv, .ndjson or .jsonl"),
        (LIST, ("--wait", "1"), "--wait requires --url."),
    ],
)
def test_wrong_usage_leads_to_exit_code_2(watch, content, arguments, message):
    result = watch(content, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_server_that_cannot_be_reached_leads_to_exit_code_3(watch):
    assert watch(LIST, "--url", "http://127.0.0.1:9").exit_code == 3


@pytest.mark.parametrize("content", [LIST, "id,name\n1,Bob\n", None])
def test_a_server_has_to_have_the_same_list(watch, tmp_path, monkeypatch, content):
    served = tmp_path / "served"
    served.mkdir()
    (served / "clients.csv").write_text(content or LIST)
    (served / "others.csv").write_text(LIST)
    if content is None:
        (served / "clients.csv").unlink()
    settings = replace(Settings(), watchlists=str(served))
    monkeypatch.setattr(options, "remote", lambda *a: engine_around(settings, a[2]))
    result = watch(LIST, "--url", "http://127.0.0.1:9")
    if content == LIST:
        assert (result.exit_code, len(rows_of(result.stdout))) == (0, 5)
    elif content:
        assert result.exit_code == 2
        assert "The lists differ from those of the server: clients." in result.stderr
    else:
        assert result.exit_code == 2
        assert "'clients' is not one of: others." in result.stderr


def plain_search(names, text):
    """``(start, end, name)`` of each name between word borders, by a search for one at a time."""
    for name in names:
        if name in text:
            for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text):
                yield *match.span(), name


def missed(hits, articles, names):
    """What the plain search finds and the hits lack."""
    covered = {}
    for hit in hits:
        place = hit["article"], hit["section"], hit["name"]
        covered.setdefault(place, []).append((hit["start"], hit["end"]))
    return [
        (source, name, text[start:end])
        for source, section, text in articles
        for start, end, name in plain_search(names, text)
        if not any(
            first < end and start < last for first, last in covered.get((source, section, name), ())
        )
    ]


def write_list(path, names):
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "name"))
        rows.writerows(enumerate(names))


def hits_in(enrich, tmp_path, articles):
    """The hits of ``enrich watch`` in articles, each a title and a text."""
    with (tmp_path / "news.jsonl").open("w") as file:
        for title, text in articles:
            file.write(json.dumps({"title": title, "text": text}) + "\n")
    result = enrich("watch", "names.csv", "news.jsonl", "--output", "ndjson")
    assert result.exit_code == 0, result.stderr
    return lines_of(result.stdout)


def sections_of(articles):
    for number, (title, text) in enumerate(articles, 1):
        yield f"news.jsonl:{number}", "title", title
        yield f"news.jsonl:{number}", "text", text


def test_every_name_in_generated_articles_is_found(watch, enrich, tmp_path):
    names = generated_names(300)
    choose = random.Random(3)
    fillers = ["the", "Ann", "said", "of", "Paris", "Bank", ",", ".\n\n", ".", "'s", '"', "-", "("]

    def text(words):
        pieces = (choose.choice((choose.choice(names), *fillers)) for _ in range(words))
        return "".join(f"{piece}{choose.choice((' ', ' ', '', chr(10)))}" for piece in pieces)

    articles = [(f"It {text(8)}".replace("\n", " "), f"It {text(300)}") for _ in range(20)]
    write_list(tmp_path / "names.csv", names)
    hits = hits_in(enrich, tmp_path, articles)
    assert len(hits) > 300
    assert missed(hits, sections_of(articles), names) == []


def test_every_name_in_bbc_articles_is_found(watch, enrich, tmp_path):
    if not BBC.exists():
        pytest.skip("there are no BBC articles in ../shared/data")
    with BBC.open() as file:
        articles = [(a["title"], a["text"]) for a in map(json.loads, file)][:100]
    capitalised = r"\b[A-Z][\w&'.-]*\w(?: (?:of |the )?[A-Z][\w&'.-]*\w){0,2}"
    forms = {form for _, text in articles for form in re.findall(capitalised, text)}
    names = random.Random(4).sample(sorted(forms), 1000)
    write_list(tmp_path / "names.csv", names)
    hits = hits_in(enrich, tmp_path, articles)
    assert len(hits) > 500
    assert missed(hits, sections_of(articles), names) == []
