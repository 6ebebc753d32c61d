import numpy as np

from benchmarks.limits import multiply_adds_per_piece, product, weights


def test_the_session_multiplies_by_the_weights():
    left = np.random.default_rng(2).integers(0, 256, (3, 200), dtype=np.uint8)
    (out,) = product(200, 130).run(None, {"left": left})
    assert (out == left.astype(np.int32) @ weights(200, 130).astype(np.int32)).all()


def test_a_word_piece_takes_one_multiply_add_per_weight_of_the_layers():
    assert multiply_adds_per_piece() == 6 * (4 * 384 * 384 + 2 * 384 * 1536)
