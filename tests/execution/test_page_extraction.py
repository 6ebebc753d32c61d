"""Pages are parsed in processes that can be killed."""

import itertools
import signal
import subprocess
import time

import pytest

from service.enrichment.html_extraction import extract_article
from service.execution import page_extraction
from service.execution.errors import DeadlineExceeded, PageTooComplex
from service.execution.job import JobLimits
from service.execution.page_extraction import PageExtractor
from tests.enrichment.test_html_extraction import PAGE

ENDLESS = "<table>" + "<tr><td>x" * 40_000
"""A page that takes the parser more than ten seconds of processor time."""


@pytest.fixture
def extractor():
    extractor = PageExtractor(1)
    yield extractor
    extractor.close()


def no_limit() -> None:
    pass


def started(monkeypatch) -> list[subprocess.Popen]:
    """The processes that are started from now on."""
    processes, start = [], subprocess.Popen.__init__

    def record(process, *args, **options):
        start(process, *args, **options)
        processes.append(process)

    monkeypatch.setattr(subprocess.Popen, "__init__", record)
    return processes


def test_a_child_process_extracts_what_the_function_does(extractor):
    assert extractor.extract(PAGE, no_limit) == extract_article(PAGE)
    assert extractor.extract(PAGE, no_limit) == extract_article(PAGE)


def test_a_deadline_ends_the_parser(extractor):
    extractor.extract(PAGE, no_limit)
    limits = JobLimits(time.monotonic() + 0.5)
    with pytest.raises(DeadlineExceeded):
        extractor.extract(ENDLESS, limits.check)
    assert extractor.extract(PAGE, no_limit) == extract_article(PAGE)


def test_a_page_has_a_most_processor_time(extractor, monkeypatch):
    monkeypatch.setattr(page_extraction, "MAX_SECONDS", 0.5)
    with pytest.raises(PageTooComplex) as error:
        extractor.extract(ENDLESS, no_limit)
    assert (error.value.resource, error.value.seconds) == ("time", 0.5)
    assert extractor.extract(PAGE, no_limit) == extract_article(PAGE)


def test_time_in_which_the_parser_does_not_get_a_processor_does_not_count(extractor, monkeypatch):
    processes = started(monkeypatch)
    extractor.extract(PAGE, no_limit)
    monkeypatch.setattr(page_extraction, "MAX_SECONDS", 0.5)
    [process] = processes
    process.send_signal(signal.SIGSTOP)
    checks = itertools.count(1)

    def resume_after_a_second() -> None:
        if next(checks) == 11:  # checks are 0.1 s apart
            process.send_signal(signal.SIGCONT)

    assert extractor.extract(PAGE, resume_after_a_second) == extract_article(PAGE)
    assert next(checks) > 11


def test_a_page_has_a_memory_limit():
    extractor = PageExtractor(1, memory_bytes=48 * 1024**2)
    try:
        with pytest.raises(PageTooComplex) as error:
            extractor.extract("<p>" + "<b></b>" * 1_000_000, no_limit)
        assert error.value.resource == "memory"
        assert extractor.extract(PAGE, no_limit) == extract_article(PAGE)
    finally:
        extractor.close()
