"""Entity tags (RFC 9110, 8.8.3): a client that has a document does not receive it again."""

from __future__ import annotations

from flask import Flask, Response, request


def add_etags(app: Flask, *paths: str) -> None:
    """Make ``app`` add an ``ETag`` at ``paths``, and answer 304 to a matching ``If-None-Match``."""

    def add_etag(response: Response) -> Response:
        if request.path in paths and response.status_code == 200:
            response.add_etag(weak=True)  # the same for every content coding
            response.cache_control.no_cache = True  # revalidate each time
            response.make_conditional(request)
        return response

    app.after_request(add_etag)
