"""``POST /v1/enrich/batch``: many articles, in one JSON document or one a line."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from threading import Event
from time import perf_counter
from typing import Any

from flask import Response, request
from gunicorn.http.errors import ParseException
from marshmallow import ValidationError

from service.api.batch_results import BatchEnricher, Result
from service.api.blueprint import Blueprint
from service.api.body import available_pieces, read_body, remove_socket_timeout
from service.api.content_encoding import decode, request_coding
from service.api.content_language import HEADER, content_language
from service.api.context import AppContext, get_app_context, get_request_context
from service.api.deadlines import TIMEOUT_PARAMETER, deadline, disconnection_check, time_limit
from service.api.draining import ENDING
from service.api.errors import DecodingError, StreamIdle, StreamInterrupted
from service.api.json_writer import write_json
from service.api.line_spool import Line, SpoolBudget
from service.api.ndjson_stream import answer_lines
from service.api.parsing import invalid_body, unsupported_media_type
from service.api.problem_types import ProblemType
from service.api.problems import Problem
from service.api.rate_limits import cache_owner, share, spender
from service.api.schemas.options import Options
from service.api.schemas.request import BatchSchema, OptionsSchema
from service.api.schemas.response import ResultsSchema
from service.api.strict_json import parse_json
from service.execution.errors import Overloaded
from service.execution.job import JobLimits
from service.execution.token_cost import CHARACTERS_PER_TOKEN

JSON, NDJSON = "application/json", "application/x-ndjson"

MAX_RESULTS_BYTES = 64 * 1024**2
"""Most bytes of the results of a JSON batch, which wait in memory until all of them are there."""

_RETRY_SECONDS = 10  # after which one of the open streams may have ended
_AHEAD = 4  # lines for each core that are processed before their turn
_BATCH = BatchSchema()
_log = logging.getLogger("service.access")

_REQUEST_BODY = {
    "required": True,
    "content": {
        JSON: {"schema": BatchSchema},
        NDJSON: {
            "schema": {
                "type": "string",
                "description": "Any number of lines, each like the JSON body of `/v1/enrich`.",
            }
        },
    },
}
_RESPONSES = {
    "200": {
        "description": "OK",
        "content": {
            JSON: {"schema": ResultsSchema},
            NDJSON: {
                "schema": {
                    "type": "string",
                    "description": "A line for each line of the request, in order, each a "
                    "`Result`.",
                }
            },
        },
    }
}

blueprint = Blueprint("batches", __name__, description="Many articles at once.")


@blueprint.operation(
    "POST",
    "/v1/enrich/batch",
    query=OptionsSchema,
    returns=ResultsSchema,
    problems=(
        ProblemType.MALFORMED_REQUEST,
        ProblemType.MALFORMED_JSON,
        ProblemType.FOREIGN_ORIGIN,
        ProblemType.OTHER_MODEL,
        ProblemType.BODY_TOO_LARGE,
        ProblemType.UNSUPPORTED_MEDIA_TYPE,
        ProblemType.INVALID_BATCH,
        ProblemType.INVALID_PARAMETER,
        ProblemType.TOO_MUCH_WORK,
        ProblemType.TOO_SLOW,
        ProblemType.OVERLOADED,
        ProblemType.MODEL_UNAVAILABLE,
        ProblemType.OUT_OF_TIME,
    ),
    operationId="enrichBatch",
    headers=(TIMEOUT_PARAMETER, HEADER),
    requestBody=_REQUEST_BODY,
    responses=_RESPONSES,
)
def enrich_batch(options: Options) -> Response:
    """Enrich many articles.

    The response has a result with its own status for each article, in the order of the request; an
    invalid article does not affect the others. `application/json` takes up to the server's maximum
    of articles. `application/x-ndjson` takes any number, one a line, and each line is answered by a
    line as soon as it and those before it are ready.
    """
    context = get_app_context()
    model = context.models.get(options.model, deadline)
    options.check(model.info, context.linker.identity, context.watchlists)
    options = replace(options, language_hints=content_language(request))
    if request.mimetype not in (JSON, NDJSON):
        raise unsupported_media_type(request.mimetype, (JSON, NDJSON))
    recorded = get_request_context()
    enricher = BatchEnricher(
        model,
        options.extras(context.linker, context.watchlists),
        context.scheduler,
        context.texts,
        options,
        "batch" if request.mimetype == JSON else "stream",
        recorded.request_id,
        recorded.trace_id,
    )
    respond = _enrich_json if request.mimetype == JSON else _enrich_lines
    return respond(context, enricher)


def _enrich_json(context: AppContext, enricher: BatchEnricher) -> Response:
    body = read_body(request, context.max_body_bytes)
    articles = _load_articles(body, context.max_batch)
    room, full = SpoolBudget(MAX_RESULTS_BYTES), Event()
    disconnected, mine = disconnection_check(), share()
    limits = JobLimits(
        deadline(),
        lambda: full.is_set() or disconnected(),
        bounded=False,
        spend=spender(),
        share=mine,
        cache_owner=cache_owner(),
    )

    def result_of(index: int) -> bytes:
        result = write_json(enricher.enrich(lambda: articles[index], limits, f"/articles/{index}"))
        if not room.take(len(result)):
            full.set()  # the whole batch is rejected, whichever articles are done first
        return b"" if full.is_set() else result

    tokens = len(body) / CHARACTERS_PER_TOKEN
    with context.scheduler.admit_batch(tokens, limits.deadline, mine):
        executor = context.executors.borrow(mine.caller)
        try:
            results = list(executor.map(result_of, range(len(articles))))
        finally:
            context.executors.give_back(mine.caller)
    if full.is_set():
        detail = f"The results of this batch have more than {MAX_RESULTS_BYTES} bytes, the maximum."
        raise Problem(
            ProblemType.TOO_MUCH_WORK, f"{detail} Send fewer articles, or a stream of them."
        )
    return Response(b'{"results":[%s]}\n' % b",".join(results), mimetype=JSON)


def _load_articles(body: bytes, max_batch: int) -> list[Any]:
    """The articles of a JSON batch, not validated.

    Raises:
        Problem: the body is not a batch, or has too many articles.
    """
    try:
        articles: list[Any] = _BATCH.load(parse_json(body))["articles"]
    except ValidationError as error:
        raise invalid_body(ProblemType.INVALID_BATCH, error.messages_dict) from None
    if len(articles) > max_batch:
        messages = {"articles": [f"Must not have more than {max_batch} articles."]}
        raise invalid_body(ProblemType.INVALID_BATCH, messages)
    return articles


def _enrich_lines(context: AppContext, enricher: BatchEnricher) -> Response:
    coding, seconds, mine = request_coding(request), time_limit(), share()
    context.scheduler.ensure_capacity(mine)
    if not context.streams.acquire(mine.caller):
        raise Overloaded(_RETRY_SECONDS)
    # The client may pause for any length of time between lines.
    remove_socket_timeout(request.environ)
    sent = _complete_pieces(request.environ["wsgi.input"], request.content_length)
    spend, owner = spender(), cache_owner()

    def answer(line: Line) -> bytes:
        limits = JobLimits(
            time.monotonic() + seconds,
            ENDING.is_set,
            bounded=False,
            spend=spend,
            share=mine,
            cache_owner=owner,
        )
        result = enricher.enrich(lambda: _parse_line(line, context.max_body_bytes), limits)
        return _write_line({"line": line.number, **result})

    connection = request.environ.get("gunicorn.socket")

    def must_end() -> bool:
        return connection is not None and context.streams.must_end(connection.last_progress)

    def release() -> None:
        context.executors.give_back(mine.caller)
        context.streams.release(mine.caller)

    ahead = _AHEAD * context.scheduler.cores
    lines = answer_lines(
        decode(sent, coding),
        context.max_body_bytes,
        answer,
        context.executors.borrow(mine.caller),
        ahead,
        context.spool,
        must_end,
    )
    response = Response(
        _end_with_problem(lines, enricher), headers={"Connection": "close"}, mimetype=NDJSON
    )
    response.call_on_close(release)
    return response


def _parse_line(line: Line, limit: int) -> Any:
    if line.content is None:
        raise Problem(ProblemType.LINE_TOO_LARGE, f"The line has more than {limit} bytes.")
    return parse_json(line.content)


def _complete_pieces(stream: Any, announced: int | None) -> Iterator[bytes]:
    """The body in pieces as they arrive.

    Raises:
        OSError: it ends before the ``announced`` length.
    """
    received = 0
    for piece in available_pieces(stream):
        received += len(piece)
        yield piece
    if announced is not None and received < announced:
        raise OSError


def _end_with_problem(lines: Generator[bytes], enricher: BatchEnricher) -> Iterator[bytes]:
    """The lines of the response; one more, without a number, if the stream ends early."""
    began, count = perf_counter(), 0
    end = "closed by the client"
    try:
        with closing(lines):
            for line in lines:
                yield line
                count += 1
        end = "complete"
    except Exception as error:  # the status has been sent; no error handler can answer any more
        end, cause = _early_end(error)
        yield _write_line(enricher.problem(cause))
    finally:
        _log.info(
            "Stream of %d lines ended: %s",
            count,
            end,
            extra={
                "request_id": enricher.request_id,
                "trace_id": enricher.trace_id,
                "duration_ms": round(1000 * (perf_counter() - began), 2),
            },
        )


def _early_end(error: Exception) -> tuple[str, Exception]:
    """The reason for the log, and the error for the client."""
    match error:
        case StreamInterrupted(answered=count):
            detail = f"The server is stopping; it has answered the first {count} lines."
            return "interrupted", Problem(ProblemType.BROKEN_OFF, detail)
        case StreamIdle():
            detail = "No line arrived for a minute while other streams waited."
            return "idle", Problem(ProblemType.TOO_SLOW, detail)
        case DecodingError():
            return "incomplete", Problem(ProblemType.MALFORMED_REQUEST, str(error))
        case ParseException() | OSError():
            detail = "The body ended, or was malformed, inside a line."
            return "incomplete", Problem(ProblemType.MALFORMED_REQUEST, detail)
    return "failed", error


def _write_line(result: Result) -> bytes:
    return write_json(result) + b"\n"
