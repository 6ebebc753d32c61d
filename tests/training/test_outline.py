"""The outline of the world for maps."""

import re

from training.knowledge import outline

# Two countries side by side, whose common border is arc 1, and an island across the 180th meridian.
ARCS = [
    [[20, 10], [-10, 0], [0, 10], [10, 0]],  # west of the border
    [[20, 20], [0, -10]],  # the border, southwards
    [[20, 10], [10, 0], [0, 10], [-10, 0]],  # east of it
    [[178, 0], [2, 0], [-359, 0], [0, 5], [-1, 0], [358, 0], [0, -5]],
    [[50, 50], [0, 0]],
]
TOPOLOGY = {
    "transform": {"scale": [1, 1], "translate": [0, 0]},
    "arcs": ARCS,
    "objects": {
        "land": {
            "geometries": [
                {
                    "type": "GeometryCollection",
                    "geometries": [
                        {
                            "type": "MultiPolygon",
                            "arcs": [
                                [
                                    [
                                        0,
                                        2,
                                    ]
                                ]
                            ],
                        },
                        {"type": "Polygon", "arcs": [[3]]},
                    ],
                }
            ]
        },
        "countries": {
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]]},
                {"type": "Polygon", "arcs": [[2, 1]]},
            ]
        },
    },
}


def paths():
    return dict(re.findall(r'<path class="(\w+)" d="([^"]*)"', outline.draw(TOPOLOGY)))


def test_borders_are_the_lines_between_two_countries():
    assert paths()["borders"] == "M400-400l0 200"


def test_land_that_crosses_the_180th_meridian_is_on_both_sides():
    starts = [int(x) for x in re.findall(r"M(-?\d+)", paths()["land"])]
    assert starts[1] - starts[2] in (7200, -7200)


def test_points_on_a_line_are_left_out():
    assert outline._simplify([(0, 0), (1, 0.01), (2, 0)]) == [(0, 0), (2, 0)]
    assert outline._simplify([(0, 0), (1, 1), (2, 0)]) == [(0, 0), (1, 1), (2, 0)]
