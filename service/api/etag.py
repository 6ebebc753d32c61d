"""Entity tags: whoever has a document already need not be sent it again."""

from __future__ import annotations

from flask import Flask, Response, request


def add_etags(app: Flask, *paths: str) -> None:
    """Give what ``app`` has under ``paths`` an ``ETag``, and answer 304 to who names the same."""

    def tag(response: Response) -> Response:
        if request.path in paths and response.status_code == 200:
            response.add_etag(weak=True)  # it is that of every content coding
            response.cache_control.no_cache = True  # to be kept, but asked about each time
            response.make_conditional(request)
        return response

    app.after_request(tag)
