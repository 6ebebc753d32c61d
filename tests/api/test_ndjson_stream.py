"""Lines in, answers out: order, bounds, and endings of every kind."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api import line_spool, ndjson_stream
from service.api.errors import StreamIdle, StreamInterrupted
from service.api.line_spool import Line, LineSpool, SpoolBudget
from service.api.ndjson_stream import answer_lines, split_lines


@given(st.lists(st.binary(max_size=9).map(lambda b: b.replace(b"\n", b"")), max_size=9), st.data())
def test_lines_are_the_same_however_they_are_cut_into_pieces(lines, data):
    whole = b"".join(line + b"\n" for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    limit = data.draw(st.integers(1, 9))
    assert list(split_lines(pieces, limit)) == [
        line if len(line) <= limit else None for line in lines
    ]


def test_what_follows_the_last_line_end_is_a_line():
    assert list(split_lines([b"a\nb"], 5)) == [b"a", b"b"]
    assert list(split_lines([b"a\n"], 5)) == [b"a"]
    assert list(split_lines([b"a\n", b"123", b"456"], 5)) == [b"a", None]


def test_a_line_that_is_too_long_is_never_held_in_memory():
    pieces = (b"x" * 1_000_000 for _ in range(200))
    assert list(split_lines(pieces, 1_000)) == [None]


def echo(line: Line) -> bytes:
    return b"%d:%s" % (line.number, line.content or b"too long")


@pytest.fixture
def executor():
    with ThreadPoolExecutor(3) as pool:
        yield pool


def test_answers_are_in_order_whatever_takes_longest(executor):
    def work(line):
        time.sleep(0.02 if line.number % 3 == 0 else 0)
        return echo(line)

    found = list(
        answer_lines([b"a\nb\nc\nd\ntoolong\nf"], 5, work, executor, 4, SpoolBudget(10**9))
    )
    assert found == [b"1:a", b"2:b", b"3:c", b"4:d", b"5:too long", b"6:f"]


def test_the_first_answer_does_not_wait_for_the_second_line(executor):
    first_answered = threading.Event()

    def pieces():
        yield b"a\n"
        assert first_answered.wait(10)
        yield b"b\n"

    found = []
    for answer in answer_lines(pieces(), 5, echo, executor, 4, SpoolBudget(10**9)):
        found.append(answer)
        first_answered.set()
    assert found == [b"1:a", b"2:b"]


def test_reading_goes_on_while_nobody_takes_the_answers(executor, monkeypatch):
    monkeypatch.setattr(line_spool, "MEMORY", 1_000)
    all_read = threading.Event()

    def pieces():
        for i in range(3_000):
            yield b"line %d\n" % i
        all_read.set()

    stream = answer_lines(pieces(), 50, echo, executor, 4, SpoolBudget(10**9))
    found = [next(stream)]
    assert all_read.wait(10)
    found += stream
    assert found == [b"%d:line %d" % (i + 1, i) for i in range(3_000)]


def test_a_full_budget_blocks_until_the_queue_is_empty():
    budget = SpoolBudget(100)
    spool = LineSpool(budget)
    put = threading.Thread(target=lambda: [spool.put(b"x" * 60) for _ in range(3)], daemon=True)
    put.start()
    put.join(0.2)
    assert put.is_alive()
    lines = [spool.get(5) for _ in range(2)]
    put.join(10)
    assert not put.is_alive()
    assert lines == [Line(1, b"x" * 60), Line(2, b"x" * 60)]


def test_streams_share_a_budget_and_each_takes_at_least_one_line():
    budget = SpoolBudget(100)
    full, other = LineSpool(budget), LineSpool(budget)
    for _ in range(2):
        assert full.put(b"x" * 60)
    put = threading.Thread(target=lambda: [other.put(b"y" * 60) for _ in range(2)], daemon=True)
    put.start()
    put.join(0.5)
    assert put.is_alive()
    assert other.get(1) == Line(1, b"y" * 60)
    full.close()
    put.join(10)
    assert not put.is_alive()


def test_without_a_writable_folder_lines_wait_in_memory(monkeypatch):
    def nowhere():
        raise FileNotFoundError

    monkeypatch.setattr(line_spool, "gettempdir", nowhere)
    monkeypatch.setattr(line_spool, "MEMORY", 100)
    monkeypatch.setattr(line_spool, "SpooledTemporaryFile", nowhere)
    spool = LineSpool(SpoolBudget(10**9))
    put = threading.Thread(target=lambda: [spool.put(b"x" * 200) for _ in range(3)], daemon=True)
    put.start()
    assert [spool.get(5) for _ in range(3)] == [Line(n, b"x" * 200) for n in (1, 2, 3)]
    put.join(10)
    assert not put.is_alive()


def test_nothing_is_begun_any_more_when_the_caller_has_gone(executor):
    begun = []

    def work(line):
        begun.append(line.number)
        time.sleep(0.01)
        return echo(line)

    read = []

    def pieces():
        for i in range(1_000_000):
            read.append(i)
            yield b"line\n"

    stream = answer_lines(pieces(), 50, work, executor, 4, SpoolBudget(10**9))
    next(stream)
    stream.close()
    time.sleep(0.1)
    after = len(begun), len(read)
    time.sleep(0.2)
    assert (len(begun), len(read)) == after
    assert len(begun) <= 8


def test_what_goes_wrong_in_reading_is_raised_after_the_answers_to_what_came_before(executor):
    def pieces():
        yield b"a\nb\n"
        raise OSError("gone")

    stream = answer_lines(pieces(), 5, echo, executor, 4, SpoolBudget(10**9))
    assert [next(stream), next(stream)] == [b"1:a", b"2:b"]
    with pytest.raises(OSError, match="gone"):
        next(stream)


def test_a_stopping_server_reports_how_far_it_got(executor, monkeypatch):
    monkeypatch.setattr(ndjson_stream, "STOPPING", threading.Event())

    def pieces():
        for i in range(10_000):
            yield b"line %d\n" % i

    stream = answer_lines(pieces(), 50, echo, executor, 4, SpoolBudget(10**9))
    found = [next(stream)]
    ndjson_stream.STOPPING.set()
    with pytest.raises(StreamInterrupted) as interrupted:
        found += stream
    assert 1 <= interrupted.value.answered < 10_000


def test_a_server_that_stops_does_not_wait_for_the_next_line(executor, monkeypatch):
    monkeypatch.setattr(ndjson_stream, "STOPPING", threading.Event())
    never = threading.Event()

    def pieces():
        yield b"a\n"
        never.wait(20)

    stream = answer_lines(pieces(), 50, echo, executor, 4, SpoolBudget(10**9))
    assert next(stream) == b"1:a"
    ndjson_stream.STOPPING.set()
    with pytest.raises(StreamInterrupted):
        next(stream)
    never.set()


def test_few_long_lines_are_processed_ahead(executor, monkeypatch):
    monkeypatch.setattr(ndjson_stream, "_AHEAD_BYTES", 10)
    began, go_on = [], threading.Event()

    def answer(line):
        began.append(line.number)
        go_on.wait(10)
        return echo(line)

    lines = b"123456\n" * 5
    stream = answer_lines([lines], 10, answer, executor, 4, SpoolBudget(10**9))
    threading.Timer(0.3, go_on.set).start()
    next(stream)
    assert sorted(began)[:2] == [1, 2]
    assert 5 not in began
    assert len(list(stream)) == 4


def test_a_server_that_ends_waits_for_no_line_that_is_being_answered(executor, monkeypatch):
    monkeypatch.setattr(ndjson_stream, "ENDING", threading.Event())
    finished = threading.Event()

    def answer(line):
        if line.number == 2:
            finished.wait(20)
        return echo(line)

    stream = answer_lines([b"a\nb\nc\n"], 5, answer, executor, 4, SpoolBudget(10**9))
    assert next(stream) == b"1:a"
    ndjson_stream.ENDING.set()
    with pytest.raises(StreamInterrupted) as interrupted:
        next(stream)
    assert interrupted.value.answered == 1
    finished.set()


def test_a_stream_that_must_make_room_ends_after_its_answers(executor):
    more = threading.Event()

    def pieces():
        yield b"a\n"
        more.wait(10)

    stream = answer_lines(pieces(), 5, echo, executor, 4, SpoolBudget(10**9), lambda: True)
    try:
        assert next(stream) == b"1:a"
        with pytest.raises(StreamIdle):
            next(stream)
    finally:
        more.set()
