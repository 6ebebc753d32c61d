"""What of training needs torch: losses, and runs that are interrupted."""

import math
from dataclasses import replace

import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from tests.bundle import BUNDLE
from training.checkpoints import load_network
from training.corpora import Corpora
from training.data import Target, make_sentence
from training.export import UNSERVED, EncoderWithTags, served_tags
from training.labels import CERTAIN, CONLL, TAG_SETS, TAGS, TONES, TYPES
from training.model import OnePass, pool, tag_loss
from training.train import CHECKPOINT, Recipe, train

_CONFIG = BertConfig(
    hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
)


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.from_file(str(BUNDLE / "tokenizer.json"))


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
    assert read.progress == (1, 0)
    for name, weights in trained.state_dict().items():
        assert torch.equal(weights, read.network.state_dict()[name]), name


def test_a_run_refuses_the_checkpoint_of_another(encoder, corpora, tmp_path):
    train(encoder, corpora, tmp_path, replace(RECIPE, epochs=1))
    with pytest.raises(ValueError, match="another recipe"):
        train(encoder, corpora, tmp_path, replace(RECIPE, epochs=1, rate=1.0))
    with pytest.raises(ValueError, match="other data"):
        train(encoder, Corpora(names=corpora.names), tmp_path, replace(RECIPE, epochs=1))


def test_types_that_a_bundle_lacks_are_counted_towards_the_coarser_type():
    torch.manual_seed(0)
    network = OnePass(BertModel(_CONFIG, add_pooling_layer=False)).eval()
    ids = torch.tensor([[101, 2003, 2005, 102]])
    full = network.tag_head(network.encoder(ids, token_type_ids=ids * 0).last_hidden_state)
    full = full.softmax(-1)
    served, _ = EncoderWithTags(network, temperature=1.0)(ids, ids * 0)
    tags = served_tags()
    assert {tag[2:] for tag in tags} == {*TYPES, ""} - {*UNSERVED}
    for prefix in "BI":
        merged = sum(full[..., TAGS.index(f"{prefix}-{t}")] for t in ("LOCATION", "FACILITY"))
        assert torch.allclose(served[..., tags.index(f"{prefix}-LOCATION")], merged)
    assert torch.allclose(served[..., tags.index("B-PERSON")], full[..., TAGS.index("B-PERSON")])
    assert torch.allclose(served.sum(-1), torch.ones(1, 4))
