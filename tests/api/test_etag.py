import pytest

PATHS = ["/v1/model", "/openapi.json"]


@pytest.mark.parametrize("path", PATHS)
def test_who_has_a_document_is_not_sent_it_again(client, path):
    first = client.get(path)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert client.get(path, headers={"If-None-Match": '"other"'}).data == first.data


@pytest.mark.parametrize("path", PATHS)
def test_the_tag_is_that_of_every_coding(client, path):
    tags = {
        client.get(path, headers={"Accept-Encoding": coding}).headers["ETag"]
        for coding in ("", "gzip", "zstd")
    }
    assert len(tags) == 1


def test_each_model_has_a_tag_of_its_own_description(client):
    tag = client.get("/v1/model").headers["ETag"]
    named = client.get("/v1/model?model=default", headers={"If-None-Match": tag})
    assert named.status_code == 304


def test_what_changes_has_none(client):
    response = client.post("/v1/enrich", json={"text": "Ann left."})
    assert "ETag" not in response.headers
    assert "ETag" not in client.get("/healthz").headers
