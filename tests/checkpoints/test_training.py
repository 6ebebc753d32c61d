"""What of training needs torch: losses, and runs that are interrupted."""

import math
from collections import Counter
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import BertConfig, BertModel

from service.enrichment.sentiment import BORDER
from training.checkpoints import average_checkpoints, load_network
from training.corpora import Corpora
from training.data import Target, make_sentence
from training.evaluate import Names
from training.export import temperatures
from training.labels import CERTAIN, CONLL, TAG_SETS, TAGS, TONES, TYPES
from training.model import OnePass, pool, tag_loss
from training.onnx_modules import TaggingEncoder, fold_tags, folded_types, hold_score
from training.train import CHECKPOINT, Recipe, train

_CONFIG = BertConfig(
    hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
)


def test_the_loss_of_a_coarse_label_is_of_all_that_it_leaves_open():
    logits = torch.zeros(3, len(TAGS))
    label = TAG_SETS.index(CONLL.allowed("B", "MISC"))
    loss = tag_loss(logits, torch.tensor([label, -100, label]))
    assert loss.item() == pytest.approx(-math.log(3 / len(TAGS)))


def test_nothing_is_learnt_among_the_tags_that_a_label_leaves_open():
    logits = torch.randn(1, len(TAGS), requires_grad=True)
    tag_loss(logits, torch.tensor([TAG_SETS.index(CONLL.allowed("B", "LOCATION"))])).backward()
    open_ = [TAGS.index("B-LOCATION"), TAGS.index("B-FACILITY")]
    pulls = logits.grad[0, open_] / logits[0, open_].softmax(0)
    assert pulls[0].item() == pytest.approx(pulls[1].item())


def test_spans_are_pooled_in_their_own_window():
    hidden = torch.arange(24.0).reshape(2, 4, 3)
    pooled = pool(hidden, torch.tensor([[1, 1, 3], [0, 0, 1]]))
    assert torch.equal(pooled, torch.stack([hidden[1, 1:3].mean(0), hidden[0, 0]]))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("encoder")
    BertModel(_CONFIG).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def corpora(tokenizer):
    texts = ("Kofi Mensah won in Accra.", "Bolt lost.", "Nothing else happened on Monday.")
    documents = [
        [make_sentence(tokenizer, f"{text} {n}", spans=[(0, 4, "PERSON")]) for text in texts]
        for n in range(12)
    ]
    loose = [
        make_sentence(
            tokenizer, f"{text} {n}", polarity=TONES[n % 5], targets=[Target(0, 4, CERTAIN[n % 3])]
        )
        for text in texts
        for n in range(8)
    ]
    return Corpora(names={"worldwide": documents}, loose={"contrasts": loose})


RECIPE = Recipe(epochs=2, batch_pieces=64)


def test_a_run_taken_up_again_ends_as_if_it_had_not_been_interrupted(
    encoder, corpora, tmp_path, monkeypatch
):
    whole = train(encoder, corpora, tmp_path / "whole", RECIPE)
    steps = 0

    def interrupted(*arguments):
        nonlocal steps
        steps += 1
        if steps == 9:
            raise KeyboardInterrupt
        return step(*arguments)

    from training import train as module

    step = module._step
    with monkeypatch.context() as patched:
        patched.setattr(module, "_step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(encoder, corpora, tmp_path / "parts", RECIPE, minutes=0)
    parts = train(encoder, corpora, tmp_path / "parts", RECIPE)
    for name, weights in whole.state_dict().items():
        assert torch.equal(weights, parts.state_dict()[name]), name


def test_a_checkpoint_is_read_back_as_it_was(encoder, corpora, tmp_path):
    trained = train(encoder, corpora, tmp_path, replace(RECIPE, epochs=1))
    read = load_network(tmp_path / CHECKPOINT)
    for name, weights in trained.state_dict().items():
        assert torch.equal(weights, read.network.state_dict()[name]), name


def test_a_run_rejects_the_checkpoint_of_another(encoder, corpora, tmp_path):
    train(encoder, corpora, tmp_path, replace(RECIPE, epochs=1))
    with pytest.raises(ValueError, match="another recipe"):
        train(encoder, corpora, tmp_path, replace(RECIPE, epochs=1, rate=1.0))
    with pytest.raises(ValueError, match="other data"):
        train(encoder, Corpora(names=corpora.names), tmp_path, replace(RECIPE, epochs=1))


def test_the_weights_of_checkpoints_are_averaged(encoder, corpora, tmp_path):
    folders = [tmp_path / str(seed) for seed in (1, 2)]
    networks = [
        train(encoder, corpora, folder, replace(RECIPE, epochs=1, seed=int(folder.name)))
        for folder in folders
    ]
    average_checkpoints([each / CHECKPOINT for each in folders], tmp_path / "mean" / CHECKPOINT)
    mean = load_network(tmp_path / "mean" / CHECKPOINT).network.state_dict()
    for name, first in networks[0].state_dict().items():
        second = networks[1].state_dict()[name]
        assert torch.allclose(mean[name], ((first + second) / 2).to(first.dtype)), name
    assert any(
        not torch.equal(mean[name], weights) for name, weights in networks[0].state_dict().items()
    )


@given(st.lists(st.tuples(*[st.floats(0, 1)] * 3).filter(any), min_size=1, max_size=5))
def test_the_score_of_a_head_lies_in_the_range_of_the_likeliest_polarity(rows):
    given_ = torch.tensor(rows, dtype=torch.float64)
    given_ = given_ / given_.sum(1, keepdim=True)
    held = hold_score(given_)
    assert torch.allclose(held.sum(1), torch.ones(len(rows), dtype=torch.float64))
    assert (held >= -1e-12).all()
    assert torch.equal(held[:, 1], given_[:, 1])
    for before, after in zip(given_, held, strict=True):
        score = after[2] - after[0]
        negative, neutral, positive = before.tolist()
        if neutral >= max(negative, positive):
            assert abs(score) < BORDER
            assert after[1] >= after.max() - 1e-9
        elif positive > negative:
            assert score > BORDER
            assert after.argmax() == 2
        elif negative > positive:
            assert score < -BORDER
            assert after.argmax() == 0


def test_a_score_in_the_range_of_negative_or_positive_stays_as_it_is():
    rows = torch.tensor([[0.1, 0.2, 0.7], [0.6, 0.3, 0.1]])
    assert torch.allclose(hold_score(rows), rows)


def test_scores_keep_their_order_among_neutral_places():
    rows = torch.tensor([[0.3, 0.6, 0.1], [0.1, 0.8, 0.1], [0.1, 0.6, 0.3], [0.0, 0.5, 0.5]])
    held = hold_score(rows)
    scores = (held[:, 2] - held[:, 0]).tolist()
    assert scores == sorted(scores)
    assert len(set(scores)) == len(scores)


def test_a_folded_type_adds_its_probability_to_the_broader_one():
    served = {kind: kind for kind in TYPES} | {"FACILITY": "LOCATION"}
    tags, matrix = fold_tags(served)
    assert len(tags) == len(TAGS) - 2
    assert not any("FACILITY" in tag for tag in tags)
    probabilities = torch.full((1, len(TAGS)), 1 / len(TAGS)) @ matrix
    by_tag = dict(zip(tags, probabilities[0].tolist(), strict=True))
    assert by_tag["B-LOCATION"] == pytest.approx(2 / len(TAGS))
    assert by_tag["I-PERSON"] == pytest.approx(1 / len(TAGS))


def test_an_encoder_serves_the_folded_tags():
    torch.manual_seed(0)
    network = OnePass(BertModel(_CONFIG, add_pooling_layer=False)).eval()
    ids = torch.tensor([[101, 2003, 2005, 102]])
    hidden = network.encoder(ids, token_type_ids=ids * 0).last_hidden_state
    full = network.tag_head(hidden).softmax(-1)
    tags, folding = fold_tags({kind: kind for kind in TYPES} | {"FACILITY": "LOCATION"})
    served, _ = TaggingEncoder(network, 1.0, folding)(ids, ids * 0)
    for prefix in "BI":
        merged = sum(full[..., TAGS.index(f"{prefix}-{t}")] for t in ("LOCATION", "FACILITY"))
        assert torch.allclose(served[..., tags.index(f"{prefix}-LOCATION")], merged)
    assert torch.allclose(served.sum(-1), torch.ones(1, 4))


def test_types_of_low_precision_are_folded():
    found = Counter({"FACILITY": 10, "PRODUCT": 10, "NORP": 10})
    names = Names(Counter({"FACILITY": 7, "PRODUCT": 5}), found, found)
    served = folded_types(names)
    assert served["FACILITY"] == "FACILITY"
    assert served["PRODUCT"] == "MISC"
    assert served["NORP"] == "NORP"
    assert set(folded_types(None).items()) == {(kind, kind) for kind in TYPES}


def test_without_dev_articles_no_temperature_is_fitted():
    assert temperatures([], [], []) == (1.0, 1.0, 1.0)
