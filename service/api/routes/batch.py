"""``POST /v1/enrich/batch``: many articles, in one JSON text or a line each."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Any

from flask import Response, current_app, g, request
from gunicorn.http.errors import ParseException
from marshmallow import ValidationError

from service.api.blueprint import Blueprint
from service.api.body import read_body, wait_for_ever
from service.api.content_encoding import DecodingError, coding_of, unpacked
from service.api.content_language import HEADER, content_language
from service.api.context import AppContext, state
from service.api.deadlines import PARAMETER, caller_has_gone, deadline, time_limit
from service.api.ndjson_stream import BrokenOff, Line, answers, available_pieces
from service.api.parsing import invalid, unsupported
from service.api.problem_types import (
    BODY_TOO_LARGE,
    BROKEN_OFF,
    INVALID_ARTICLE,
    INVALID_BATCH,
    INVALID_PARAMETER,
    LINE_TOO_LARGE,
    MALFORMED_JSON,
    MALFORMED_REQUEST,
    MODEL_UNAVAILABLE,
    OTHER_MODEL,
    OUT_OF_TIME,
    OVERLOADED,
    TOO_SLOW,
    UNSUPPORTED_MEDIA_TYPE,
)
from service.api.problems import Problem, document_of, problem_of
from service.api.schemas.options import Options
from service.api.schemas.request import ArticleSchema, BatchSchema, OptionsSchema
from service.api.schemas.response import EnrichmentSchema, ResultsSchema
from service.api.serialization import to_response
from service.api.strict_json import parse_json
from service.enrichment.timings import StageTimer
from service.execution.cache import CachedEnricher
from service.execution.scheduler import JobLimits, Overloaded
from service.observability import metrics

LINES = "application/x-ndjson"
_PAUSE = 10  # seconds after which one of many streams may have ended
_log = logging.getLogger("service.access")
_ARTICLE, _BATCH, _ENRICHMENT = ArticleSchema(), BatchSchema(), EnrichmentSchema()

blueprint = Blueprint("batches", __name__, description="Many articles at once.")


@dataclass(frozen=True)
class _Exchange:
    """What the articles of one request have in common, for threads that are not the request's."""

    state: AppContext
    enricher: CachedEnricher
    options: Options
    request_id: str
    trace_id: str | None
    dumps: Callable[..., str]

    def result(
        self, read: Callable[[], Any], terms: JobLimits, pointer: str = ""
    ) -> dict[str, object]:
        """What becomes of one article.

        Args:
            read: gives it as a JSON value.
            terms: on which it is worked on.
            pointer: where it stands in the body.
        """
        admission = partial(self.state.scheduler.turn, terms=terms)
        via, stages = "batch" if pointer else "stream", StageTimer()
        try:
            article = self.options.resolve(_ARTICLE.load(read()))
            enrichment, cached = self.enricher.enrich(article, stages, admission)
            answer = _ENRICHMENT.dump(to_response(enrichment, article, self.options))
        except Exception as error:
            return self.failure(error, pointer, via)
        metrics.article_read(via, enrichment.coverage, stages, cached)
        return {"status": 200, "enrichment": answer}

    def failure(self, error: Exception, pointer: str = "", via: str = "") -> dict[str, object]:
        """A result that says what went wrong, counted if an article came ``via`` something."""
        if isinstance(error, ValidationError):
            error = invalid(INVALID_ARTICLE, error.messages_dict)
        problem = problem_of(error, self.request_id, self.trace_id).within(pointer)
        if via:
            metrics.article_failed(via, problem.kind.type)
        return {
            "status": problem.kind.status,
            "problem": document_of(problem, self.request_id),
        }

    def line(self, line: Line, seconds: float) -> bytes:
        """What becomes of one line, as a line, in so many ``seconds`` from now."""

        def read() -> Any:
            if line.content is None:
                limit = self.state.max_body_bytes
                raise Problem(LINE_TOO_LARGE, f"The line has more than {limit} bytes.")
            return parse_json(line.content)

        terms = JobLimits(time.monotonic() + seconds, bounded=False)
        return self.write({"line": line.number, **self.result(read, terms)})

    def write(self, result: dict[str, object]) -> bytes:
        """A result as a line."""
        return (self.dumps(result, separators=(",", ":")) + "\n").encode("utf-8", "replace")


@blueprint.operation(
    "POST",
    "/v1/enrich/batch",
    query=OptionsSchema,
    returns=ResultsSchema,
    refuses=(
        MALFORMED_REQUEST,
        MALFORMED_JSON,
        OTHER_MODEL,
        BODY_TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        INVALID_BATCH,
        INVALID_PARAMETER,
        TOO_SLOW,
        OVERLOADED,
        MODEL_UNAVAILABLE,
        OUT_OF_TIME,
    ),
    operationId="enrichBatch",
    headers=(PARAMETER, HEADER),
    requestBody={
        "required": True,
        "content": {
            "application/json": {"schema": BatchSchema},
            LINES: {
                "schema": {
                    "type": "string",
                    "description": "Any number of lines, each like the JSON body of `/v1/enrich`.",
                }
            },
        },
    },
    responses={
        "200": {
            "description": "OK",
            "content": {
                "application/json": {"schema": ResultsSchema},
                LINES: {
                    "schema": {
                        "type": "string",
                        "description": "A line for each line, in order, each a `Result`.",
                    }
                },
            },
        }
    },
)
def enrich_batch(options: Options) -> Response:
    """Enrich many articles.

    Each has a status of its own, in the order in which they came, and one that is wrong spoils no
    other. `application/json` has up to the server's limit of them; `application/x-ndjson` any
    number, a line each, answered by a line each, as soon as it and those before it are ready.
    """
    model = state().models.get(options.model, deadline)
    options.check(model.about)
    options = replace(options, language_hints=content_language(request))
    exchange = _Exchange(
        state(), model.enricher, options, g.request_id, g.trace_id, current_app.json.dumps
    )
    if request.mimetype == LINES:
        return _lines(exchange)
    if request.mimetype != "application/json":
        raise unsupported(request.mimetype, ("application/json", LINES))
    body = read_body(request, state().max_body_bytes)
    try:
        articles = _BATCH.load(parse_json(body))["articles"]
    except ValidationError as error:
        raise invalid(INVALID_BATCH, error.messages_dict) from None
    if len(articles) > state().max_batch:
        found = {"articles": [f"Must not have more than {state().max_batch} articles."]}
        raise invalid(INVALID_BATCH, found)
    terms = JobLimits(deadline(), caller_has_gone(), bounded=False)

    def result(number: int) -> dict[str, object]:
        return exchange.result(lambda: articles[number], terms, f"/articles/{number}")

    with state().scheduler.batch(len(body), terms.deadline):
        results = list(state().executor.map(result, range(len(articles))))
    return Response(exchange.write({"results": results}), mimetype="application/json")


def _lines(exchange: _Exchange) -> Response:
    """The answer to a stream of lines."""
    serving = exchange.state
    coding, seconds = coding_of(request), time_limit()
    serving.scheduler.check()
    if not serving.streams.acquire(blocking=False):
        raise Overloaded(_PAUSE)
    # A caller may send lines, or take answers, as seldom as it likes.
    wait_for_ever(request.environ)
    sent = _pieces(request.environ["wsgi.input"], request.content_length)
    stream = _stream(exchange, unpacked(sent, coding), seconds)
    response = Response(stream, headers={"Connection": "close"}, mimetype=LINES)
    response.call_on_close(serving.streams.release)
    return response


def _pieces(stream: Any, announced: int | None) -> Iterator[bytes]:
    """The body as it comes; raises ``OSError`` if it ends before the length ``announced``."""
    come = 0
    for piece in available_pieces(stream):
        come += len(piece)
        yield piece
    if announced is not None and come < announced:
        raise OSError


def _stream(exchange: _Exchange, pieces: Iterable[bytes], seconds: float) -> Iterator[bytes]:
    """The answers to the lines; one more, without a number, if they could not all be read."""
    began, count = perf_counter(), 0
    ended = "by the caller"
    serving = exchange.state
    work = partial(exchange.line, seconds=seconds)
    ahead = 4 * serving.scheduler.passes
    try:
        for answer in answers(pieces, serving.max_body_bytes, work, serving.executor, ahead):
            yield answer
            count += 1
        ended = "complete"
    except BrokenOff as error:
        ended = "broken off"
        detail = f"The server is being stopped; the first {error.taken} lines have been answered."
        yield exchange.write(exchange.failure(Problem(BROKEN_OFF, detail)))
    except (ParseException, OSError, DecodingError) as error:
        ended = "incomplete"
        detail = "The body ended, or made no sense, inside a line."
        problem = Problem(
            MALFORMED_REQUEST, str(error) if isinstance(error, DecodingError) else detail
        )
        yield exchange.write(exchange.failure(problem))
    except Exception as error:
        ended = "failed"
        yield exchange.write(exchange.failure(error))
    finally:
        _log.info(
            "Stream of %d lines ended: %s",
            count,
            ended,
            extra={
                "request_id": exchange.request_id,
                "trace_id": exchange.trace_id,
                "duration_ms": round(1000 * (perf_counter() - began), 2),
            },
        )
