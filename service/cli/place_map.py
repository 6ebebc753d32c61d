"""The map of linked places in reports. ``service/api/static/map.js`` draws the same on the page."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from service.cli.results import best_links
from service.client.types import Entity, Link

WIDTH, HEIGHT = 1000.0, 500.0
"""Units of the drawing."""

_WEST, _EAST, _SOUTH, _NORTH = -180.0, 180.0, -58.0, 84.0  # degrees
_UNITS = 20  # of world.svg in a degree
_LEAST_HEIGHT = 14.0  # degrees; the outline has no detail for less
_WIDEST = 110.0  # degrees of longitude; places further apart are shown on the whole world
_STEEPEST = 60.0  # degrees of latitude
_MOST_LABELS = 12
_SIZE = 30.0
_CITIES = ("city", "capital")


class Marker(NamedTuple):
    """A place in the units of the drawing.

    Attributes:
        kind: ``dot`` for a city, ``ring`` for something larger.
    """

    x: float
    y: float
    name: str
    kind: str


class Label(NamedTuple):
    """A name beside a marker: its anchor is ``start`` or ``end``."""

    x: float
    y: float
    name: str
    anchor: str


class PlaceMap(NamedTuple):
    """A map to draw.

    Attributes:
        transform: of the outline, as an attribute of SVG.
        markers: the most salient last, so that it lies above the others.
    """

    transform: str
    markers: Sequence[Marker]
    labels: Sequence[Label]


@cache
def outline() -> str:
    """The elements of the outline of the world."""
    text = files("service.api").joinpath("static/world.svg").read_text("utf-8")
    return "".join(re.findall(r"<path[^>]*/>", text))


def place_map(entities: Sequence[Entity]) -> PlaceMap | None:
    """The map of the places that entities are linked to; ``None`` if there are none."""
    found: dict[str, Link] = {}
    for entity in entities:
        for link in best_links(entity):
            if "latitude" in link and "longitude" in link:
                found.setdefault(link["id"], link)
    if not found:
        return None
    places = list(found.values())
    west, north, across, scale = _view(places)
    markers = [
        Marker(
            round((place["longitude"] - west) * across, 1),
            round((north - place["latitude"]) * scale, 1),
            place["name"],
            "dot" if place.get("feature") in _CITIES else "ring",
        )
        for place in places
    ]
    moved = f"translate({-west * across:.2f} {north * scale:.2f})"
    transform = f"{moved} scale({across / _UNITS:.5f} {scale / _UNITS:.5f})"
    return PlaceMap(transform, markers[::-1], _labels(markers))


def _view(places: Sequence[Link]) -> tuple[float, float, float, float]:
    """The western and the northern edge in degrees, and units in a degree across and down."""
    longitudes = [place["longitude"] for place in places]
    latitudes = [place["latitude"] for place in places]
    left, right, bottom, top = min(longitudes), max(longitudes), min(latitudes), max(latitudes)
    if right - left > _WIDEST:
        return _WEST, _NORTH, WIDTH / (_EAST - _WEST), HEIGHT / (_NORTH - _SOUTH)
    stretch = math.cos(math.radians(min(_STEEPEST, abs(bottom + top) / 2)))
    aspect = WIDTH / HEIGHT
    height = max(_LEAST_HEIGHT, 1.5 * (top - bottom), 1.5 * stretch * (right - left) / aspect)
    middle = min(_NORTH - height / 2, max(_SOUTH + height / 2, (top + bottom) / 2))
    scale = HEIGHT / height
    across = scale * stretch
    return (left + right) / 2 - WIDTH / across / 2, middle + height / 2, across, scale


def _labels(markers: Sequence[Marker]) -> list[Label]:
    """Names where they do not cover others; places further on in the list give way."""
    half = _SIZE / 2
    boxes = [(m.x - half, m.y - half, m.x + half, m.y + half) for m in markers]
    labels: list[Label] = []
    for index, marker in enumerate(markers):
        if len(labels) == _MOST_LABELS:
            break
        length = 0.58 * _SIZE * len(marker.name)
        for anchor, at in (("start", marker.x + 0.6 * _SIZE), ("end", marker.x - 0.6 * _SIZE)):
            left = at if anchor == "start" else at - length
            box = (left, marker.y - half, left + length, marker.y + half)
            others = (other for i, other in enumerate(boxes) if i != index)
            if left >= 0 and box[2] <= WIDTH and not any(_overlap(box, o) for o in others):
                boxes.append(box)
                labels.append(
                    Label(round(at, 1), round(marker.y + 0.35 * _SIZE, 1), marker.name, anchor)
                )
                break
    return labels


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
