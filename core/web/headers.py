"""Headers of our own routes."""

from urllib.parse import urlsplit

from starlette.requests import Request

# For answers about one person: no browser and no proxy stores them.
PRIVATE = {"Cache-Control": "private, no-store"}
# For what is about nobody and has another address once it changes.
LASTING = {"Cache-Control": "public, max-age=604800, immutable"}


def same_origin(request: Request) -> bool:
    """Return whether a request comes from a page of this site, by its Origin header."""
    return urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host")
