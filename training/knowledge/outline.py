"""Draws the world for maps of places: ``python -m training.knowledge.outline FILE``.

The file is ``countries-50m.json`` of the npm package world-atlas: Natural Earth's countries in the
TopoJSON format.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[2] / "service/api/static/world.svg"

_SCALE = 20
"""Units of the drawing in a degree."""
_TOLERANCE = 0.12
"""Degrees. A point that is closer to the line between its neighbours is left out."""
_LEAST_EXTENT = 0.3
"""Degrees. Smaller islands are left out."""
_SOUTHERNMOST = -60.0

Point = tuple[float, float]


def draw(topology: dict[str, Any]) -> str:
    """The drawing, in the equirectangular projection: x is the longitude, −y the latitude.

    Args:
        topology: a TopoJSON document, whose ``objects`` are ``land`` and ``countries``.

    Returns:
        An SVG document with two paths: the land, and the borders between countries.
    """
    arcs = [_simplify(arc) for arc in _decode(topology)]
    rings = list(_rings(topology["objects"]["land"]["geometries"]))
    uses = Counter(
        frozenset({arc, ~arc})
        for geometry in topology["objects"]["countries"]["geometries"]
        for ring in _rings([geometry])
        for arc in ring
    )
    outlines = (outline for ring in rings for outline in _unwrap(_join(arcs, ring)))
    land = "".join(f"{_path(points[:-1])}z" for points in outlines if _counts(points))
    shared = sorted(max(arc) for arc, count in uses.items() if count > 1)
    borders = "".join(_path(arcs[arc]) for arc in shared)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-180 * _SCALE} {-84 * _SCALE} '
        f'{360 * _SCALE} {144 * _SCALE}">'
        f"<!-- Made with Natural Earth (public domain) -->"
        f'<path class="land" d="{land}"/><path class="borders" d="{borders}"/></svg>\n'
    )


def _decode(topology: dict[str, Any]) -> Iterator[list[Point]]:
    """Longitudes and latitudes of the arcs, which TopoJSON stores as steps on an integer grid."""
    (scale_x, scale_y), (left, bottom) = (topology["transform"][k] for k in ("scale", "translate"))
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append((x * scale_x + left, y * scale_y + bottom))
        yield points


def _simplify(points: Sequence[Point]) -> list[Point]:
    """The points of an arc that matter to its shape, in order.

    The algorithm of Ramer 1972, "An iterative procedure for the polygonal approximation of plane
    curves", and of Douglas & Peucker 1973. The ends remain, so that arcs still meet.
    """
    keep = {0, len(points) - 1}
    stack = [(0, len(points) - 1)]
    while stack:
        first, last = stack.pop()
        farthest, distance = 0, _TOLERANCE
        for index in range(first + 1, last):
            away = _distance(points[index], points[first], points[last])
            if away > distance:
                farthest, distance = index, away
        if farthest:
            keep.add(farthest)
            stack += [(first, farthest), (farthest, last)]
    return [points[index] for index in sorted(keep)]


def _distance(point: Point, one: Point, other: Point) -> float:
    """Degrees from a point to the line between two others."""
    length = math.dist(one, other)
    if length == 0:
        return math.dist(point, one)
    along = (
        (point[0] - one[0]) * (other[0] - one[0]) + (point[1] - one[1]) * (other[1] - one[1])
    ) / length**2
    along = min(1.0, max(0.0, along))
    nearest = (one[0] + along * (other[0] - one[0]), one[1] + along * (other[1] - one[1]))
    return math.dist(point, nearest)


def _rings(geometries: Iterable[dict[str, Any]]) -> Iterator[list[int]]:
    """The numbers of the arcs of each ring, in outer and inner rings alike."""
    for geometry in geometries:
        if geometry["type"] == "GeometryCollection":
            yield from _rings(geometry["geometries"])
        elif geometry["type"] == "Polygon":
            yield from geometry["arcs"]
        elif geometry["type"] == "MultiPolygon":
            yield from (ring for polygon in geometry["arcs"] for ring in polygon)


def _join(arcs: Sequence[Sequence[Point]], ring: Sequence[int]) -> list[Point]:
    """The points of a ring of arcs, closed. A negative number ``~n`` is arc ``n`` backwards."""
    points: list[Point] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points.extend(arc[1:] if points else arc)
    return points


def _unwrap(points: Sequence[Point]) -> Iterator[list[Point]]:
    """The ring without jumps at the 180th meridian: if it crosses it, once on each side."""
    unwrapped = [points[0]]
    for x, y in points[1:]:
        before = unwrapped[-1][0]
        unwrapped.append((x - 360 * round((x - before) / 360), y))
    turns = {math.floor((x + 180 - 1e-6 * math.copysign(1, x)) / 360) for x, _ in unwrapped}
    for turn in sorted(turns):
        yield [(x - 360 * turn, y) for x, y in unwrapped]


def _counts(points: Sequence[Point]) -> bool:
    """Whether a ring is drawn: small islands and Antarctica are not."""
    longitudes, latitudes = zip(*points, strict=True)
    extent = max(max(longitudes) - min(longitudes), max(latitudes) - min(latitudes))
    return extent >= _LEAST_EXTENT and max(latitudes) > _SOUTHERNMOST


def _path(points: Iterable[Point]) -> str:
    """A path with relative coordinates in whole units."""
    units = [(round(x * _SCALE), round(-y * _SCALE)) for x, y in points]
    steps = [
        (x - left, y - top) for (left, top), (x, y) in pairwise(units) if (x, y) != (left, top)
    ]
    numbers = [number for step in steps for number in step]
    text = " ".join(map(str, numbers)).replace(" -", "-")
    return f"M{units[0][0]} {units[0][1]}l{text}".replace(" -", "-") if steps else ""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("topology", type=Path, help="countries-50m.json of world-atlas")
    topology = json.loads(parser.parse_args().topology.read_text("utf-8"))
    TARGET.write_text(draw(topology), "utf-8")
    print(f"{TARGET.stat().st_size:,} bytes")
