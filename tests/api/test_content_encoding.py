"""gzip and zstd, of what is sent and of what comes back."""

import gzip
import json
import zlib

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from service.api.content_encoding import PIECE_BYTES, decode
from service.api.errors import DecodingError
from tests.api.test_bad_requests import assert_problem

TEXT = "text/plain"
LINES = "application/x-ndjson"
ARTICLE = b"Ann Lee praised Acme in Paris. " * 40
PACK = {"gzip": gzip.compress, "zstd": zstd.compress}
UNPACK = {"gzip": gzip.decompress, "zstd": zstd.decompress}

codings = pytest.mark.parametrize("coding", PACK)


def post(client, body, coding, path="/v1/enrich", content_type=TEXT, **headers):
    headers = {"Content-Encoding": coding, **headers}
    return client.post(path, data=body, content_type=content_type, headers=headers)


@codings
@given(st.data())
def test_a_body_is_the_same_however_it_is_cut_into_pieces_and_members(coding, data):
    parts = data.draw(st.lists(st.binary(max_size=200), min_size=1, max_size=4))
    packed = b"".join(PACK[coding](part) for part in parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(packed)), max_size=6)))
    pieces = [packed[a:b] for a, b in zip([0, *cuts], [*cuts, len(packed)], strict=True)]
    assert b"".join(decode(pieces, coding)) == b"".join(parts)


@codings
@given(st.data())
def test_a_body_that_is_cut_off_is_never_taken_for_whole(coding, data):
    packed = PACK[coding](ARTICLE)
    cut = data.draw(st.integers(1, len(packed) - 1))
    with pytest.raises(DecodingError, match=r"ended inside"):
        list(decode([packed[:cut]], coding))


@codings
def test_what_follows_a_packed_body_is_not_passed_over(coding):
    with pytest.raises(DecodingError):
        list(decode([PACK[coding](ARTICLE) + b"and more"], coding))


@codings
def test_little_of_a_body_is_unpacked_at_once(coding):
    bomb = PACK[coding](bytes(50_000_000))
    assert len(bomb) < 100_000
    decoded = decode([bomb], coding)
    assert len(next(decoded)) <= PIECE_BYTES
    assert sum(map(len, decoded)) >= 50_000_000 - PIECE_BYTES


def test_a_sender_of_zstd_may_not_make_us_look_back_too_far():
    streamed = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    far = streamed.compress(ARTICLE) + streamed.flush()
    with pytest.raises(DecodingError):
        list(decode([far], "zstd"))


@codings
def test_a_packed_article_is_read(client, access_log, coding):
    plain = client.post("/v1/enrich", data=ARTICLE, content_type=TEXT)
    packed = PACK[coding](ARTICLE)
    assert post(client, packed, coding).data == plain.data
    assert post(client, packed, coding.upper()).data == plain.data
    assert access_log()[1].bytes_in == len(packed)


def test_the_old_name_of_gzip_is_known(client):
    assert post(client, gzip.compress(ARTICLE), "x-gzip").status_code == 200


@codings
def test_a_packed_batch_and_packed_lines_are_read(client, coding):
    batch = {"articles": [{"text": "Ann left."}, {"text": "Joe left."}]}
    path = "/v1/enrich/batch"
    packed = PACK[coding](json.dumps(batch).encode())
    found = post(client, packed, coding, path, "application/json").get_json()["results"]
    packed = b"".join(PACK[coding](json.dumps(a).encode() + b"\n") for a in batch["articles"])
    lines = post(client, packed, coding, path, LINES).data.splitlines()
    assert [json.loads(line)["enrichment"] for line in lines] == [r["enrichment"] for r in found]


@codings
def test_what_a_body_unpacks_to_has_a_limit(client, access_log, settings, coding):
    for size, status in ((settings.max_body_bytes, 200), (settings.max_body_bytes + 1, 413)):
        body = PACK[coding]((b"Ann met Joe. " * 9_000)[:size])
        assert post(client, body, coding).status_code == status
    bomb = post(client, PACK[coding](bytes(50_000_000)), coding)
    assert_problem(bomb, access_log()[2:], 413, "body-too-large")


@codings
def test_a_line_that_unpacks_to_too_much_spoils_no_other(client, coding):
    good = b'{"text": "Ann left."}\n'
    body = PACK[coding](good + bytes(50_000_000) + b"\n" + good)
    lines = post(client, body, coding, "/v1/enrich/batch", LINES).data.splitlines()
    assert [json.loads(line)["status"] for line in lines] == [200, 413, 200]


@codings
def test_a_damaged_body_is_rejected_with_what_is_wrong(client, access_log, coding):
    for damaged in (PACK[coding](ARTICLE)[:-4], b"Ann met Joe.", PACK[coding](ARTICLE) + b"!"):
        response = post(client, damaged, coding)
        assert_problem(response, access_log()[-1:], 400, "malformed-request")
        assert coding in response.get_json()["detail"]


@codings
def test_damaged_lines_end_with_a_problem_after_the_answers_to_the_good_ones(client, coding):
    packer = {"gzip": lambda: zlib.compressobj(wbits=31), "zstd": zstd.ZstdCompressor}[coding]()
    flush = {"gzip": zlib.Z_SYNC_FLUSH, "zstd": zstd.ZstdCompressor.FLUSH_BLOCK}[coding]
    body = packer.compress(b'{"text": "Ann left."}\n') + packer.flush(flush)
    lines = post(client, body, coding, "/v1/enrich/batch", LINES).data.splitlines()
    first, last = map(json.loads, lines)
    assert (first["line"], first["status"]) == (1, 200)
    assert "line" not in last
    assert last["problem"]["type"] == "/problems/malformed-request"
    assert coding in last["problem"]["detail"]


@pytest.mark.parametrize("path", ["/v1/enrich", "/v1/enrich/batch"])
@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "zip"])
def test_other_codings_are_rejected(client, access_log, path, coding):
    response = post(client, ARTICLE, coding, path, LINES if "batch" in path else TEXT)
    assert_problem(response, access_log(), 415, "unsupported-media-type")
    assert response.headers["Accept-Encoding"] == "zstd, gzip"
    assert coding in response.get_json()["detail"]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("*", "zstd"),
        ("br", None),
        ("identity, gzip;q=0.5", None),
        ("gzip;q=0", None),
        ("", None),
    ],
)
def test_an_answer_is_packed_as_the_caller_likes_best(client, accepted, coding):
    plain = client.post("/v1/enrich", data=ARTICLE, content_type=TEXT)
    response = client.post(
        "/v1/enrich", data=ARTICLE, content_type=TEXT, headers={"Accept-Encoding": accepted}
    )
    assert response.headers.get("Content-Encoding") == coding
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.content_length == len(response.data)
    assert UNPACK.get(coding, bytes)(response.data) == plain.data
    assert len(response.data) < len(plain.data) / 3 or coding is None


def test_little_answers_are_not_packed(client):
    response = client.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert response.get_json() == {"status": "ok"}


@codings
def test_each_line_can_be_unpacked_before_the_next_has_come(client, coding):
    body = b'{"text": "Ann left."}\n' * 20
    response = client.post(
        "/v1/enrich/batch", data=body, content_type=LINES, headers={"Accept-Encoding": coding}
    )
    unpacker = {"gzip": lambda: zlib.decompressobj(31), "zstd": zstd.ZstdDecompressor}[coding]()
    numbers = []
    for chunk in response.iter_encoded():
        if line := unpacker.decompress(chunk):
            numbers.append(json.loads(line)["line"])
    assert numbers == list(range(1, 21))
    assert unpacker.eof


def test_frames_that_decode_to_nothing_are_limited():
    frames = bytes.fromhex("502a4d1800000000") * 100_000  # of zstd, skippable and empty
    with pytest.raises(DecodingError, match="more than 1000 zstd frames"):
        list(decode([frames], "zstd"))


@codings
def test_any_number_of_frames_with_content_is_decoded(coding):
    frames = PACK[coding](b"a line of a stream\n") * 3000
    assert b"".join(decode([frames], coding)) == b"a line of a stream\n" * 3000
