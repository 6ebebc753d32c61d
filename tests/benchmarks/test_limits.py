"""What the encoder is held against."""

import numpy as np

from benchmarks.limits import per_piece, product, weights


def test_the_product_is_that_of_the_numbers_given():
    left = np.random.default_rng(2).integers(0, 256, (3, 200), dtype=np.uint8)
    (out,) = product(200, 130).run(None, {"left": left})
    assert (out == left.astype(np.int32) @ weights(200, 130).astype(np.int32)).all()


def test_the_encoder_multiplies_as_often_as_its_layers_have_weights():
    assert per_piece() == 6 * (4 * 384 * 384 + 2 * 384 * 1536)
