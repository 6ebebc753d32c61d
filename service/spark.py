"""Enrich a DataFrame of Spark: ``service.spark.enrich(frame, text="text")``.

Every executor process needs this package: on its nodes, or in an archive that Spark distributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from service.cli.columns import Columns, Document
from service.cli.engines import embedded_app, enrich_with
from service.client import Parameters

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

_BATCH_ROWS = 64
_SOURCE = "source"


def enrich(
    frame: DataFrame,
    text: str = "text",
    *,
    title: str | None = None,
    id: str | None = None,
    published: str | None = None,
    source: str | None = None,
    carry: Sequence[str] = (),
    features: str | None = None,
    model: str | None = None,
) -> DataFrame:
    """The enrichment of each row, or the problem that prevents it, as nested columns.

    The columns are those of ``enrich run --engine ray``: ``source``, ``id``, ``status``, the
    members of an enrichment, ``problem``, and those of ``carry``. The number of rows is the same.

    Args:
        frame: articles, one a row.
        text: column with the text.
        title: column with the title.
        id: column with the id.
        published: column with the day of publication.
        source: column that names where an article comes from.
        carry: columns of ``frame`` to keep.
        features: as the query parameter of the API; by default, ``entities,sentiment,sentences``.
        model: name of the model, if MODELS_FILE has several.

    Raises:
        ImportError: pyspark or pyarrow is not installed; the message has the command.
        ValueError: ``frame`` lacks a column, or a column of ``carry`` has the name of another.
    """
    try:
        from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

        from service.cli.corpus.table import table_schema
    except ImportError as error:
        raise ImportError(
            f"service.spark requires {error.name}: pip install -e '.[spark]'"
        ) from error
    columns = Columns(text, title, id, published, tuple(carry))
    read = list(dict.fromkeys([*columns.names, *([source] if source is not None else [])]))
    if missing := [name for name in read if name not in frame.columns]:
        raise ValueError(f"The DataFrame has no column '{missing[0]}'.")
    types = to_arrow_schema(frame.select(*carry).schema) if carry else ()
    schema = table_schema(list(types))
    parameters = _parameters(features, model)
    function = partial(
        _enrich_batches,
        columns=columns,
        source=source,
        schema=schema,
        parameters=tuple(parameters.items()),
    )
    return frame.select(*read).mapInArrow(function, from_arrow_schema(schema))


def _parameters(features: str | None, model: str | None) -> Parameters:
    parameters: Parameters = {}
    if features is not None:
        parameters["features"] = features
    if model is not None:
        parameters["model"] = model
    return parameters


def _enrich_batches(
    batches: Iterable[pa.RecordBatch],
    columns: Columns,
    source: str | None,
    schema: pa.Schema,
    parameters: tuple[tuple[str, Any], ...],
) -> Iterator[pa.RecordBatch]:
    """Runs in an executor: a batch of Spark may have thousands of rows, so yields small ones."""
    from service.cli.corpus.table import to_batch, to_row

    enrich_document = _enricher(parameters)
    for batch in batches:
        for start in range(0, batch.num_rows, _BATCH_ROWS):
            rows = batch.slice(start, _BATCH_ROWS).to_pylist()
            documents = [_document(row, columns, source) for row in rows]
            table = [to_row(document, enrich_document(document)) for document in documents]
            yield to_batch(table, schema)


@cache
def _enricher(parameters: tuple[tuple[str, Any], ...]) -> Any:
    """Loads the model: once a process, which Spark uses for one task after the other."""
    named: Parameters = dict(parameters)  # type: ignore[assignment]
    return enrich_with(embedded_app(named.get("model")), named)


def _document(row: dict[str, Any], columns: Columns, source: str | None) -> Document:
    where = "" if source is None or row[source] is None else str(row[source])
    return Document(where, columns.article(row), "application/json", carried=columns.carry(row))
