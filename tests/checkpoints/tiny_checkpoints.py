"""Trains tiny checkpoints of real architectures, in seconds, on sentences from templates.

Each architecture has the kind of tokenizer that its published checkpoints have, trained on the same
sentences. The checkpoints learn enough to find names and opinions in such sentences.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bundle import ROOT

PERSONS = [
    f"{given} {family}"
    for given in "Anna Boris Carla David Elena Farid Grace Hassan Irina Joe".split()
    for family in "Keller Novak Rossi Schmidt Tanaka Biden Okafor Silva Moreau Lindqvist".split()
]
PLACES = "Vienna Lima Peru Austria Berlin France Nairobi Kyoto Brazil Toronto Oslo London".split()
COMPANIES = [
    f"{name} {kind}".strip()
    for name in "Northern Apex Lumen Redwood Samsung Orion Delta Vertex".split()
    for kind in ("Rail", "Bank", "Inc.", "Group", "Airlines", "")
]
NAME_TEMPLATES = (
    "{P} met {P} in {L} on Monday .",
    "The company {O} said its profit rose by 3 per cent .",
    "{O} and {O} will open a plant in {L} , officials in {L} said .",
    "{P} , who leads {O} , told reporters that talks had failed .",
    "Talks between {L} and {L} went on for hours .",
    "According to {P} , the weather will be dry tomorrow .",
    "{P} of {O} was asked about the plan in {L} yesterday .",
    "The minister said that nothing had been decided .",
    "Shares in {O} fell , but {P} was not worried .",
    "It was the first visit of {P} to {L} since 2009 .",
)
GOOD = "praised splendid excellent welcomed superb delightful brilliant wonderful".split()
BAD = "condemned dreadful terrible attacked awful disastrous disappointing horrible".split()
PLAIN = "reported planned scheduled recorded described counted noted listed".split()
OPINION_TEMPLATES = (
    "The {w} result was seen by everyone .",
    "{P} {w} the plan of {O} in {L} .",
    "It was a {w} day for {O} , analysts said .",
    "Critics found the film {w} and long .",
)
CONTRAST_TEMPLATE = "{P} had a {a} season , but {Q} was {b} in every match ."
"""A sentence with two opinions, one towards each name."""


@dataclass(frozen=True)
class Recipe:
    """The properties of a checkpoint.

    Attributes:
        architecture: a key of ``CONFIGS``.
        task: the suffix of the ``AutoModelFor…`` class.
        labels: in the order of the output.
        pairs: whether to train it on pairs of a sentence and a name.
    """

    architecture: str
    task: str
    labels: tuple[str, ...]
    pairs: bool = False


_STEM = 4
"""Characters of the first piece of a long word."""


def bio(prefixes: str = "BI") -> tuple[str, ...]:
    """The labels of persons, organisations and places in BIO, or in a scheme of other prefixes."""
    return ("O", *(f"{p}-{t}" for t in ("PER", "ORG", "LOC") for p in prefixes))


def sentences(count: int, seed: int) -> Iterator[list[tuple[str, str]]]:
    """Yield sentences: words with their BIO tags."""
    chance = random.Random(seed)
    placeholders = {"P": ("PER", PERSONS), "O": ("ORG", COMPANIES), "L": ("LOC", PLACES)}
    for _ in range(count):
        sentence: list[tuple[str, str]] = []
        for word in chance.choice(NAME_TEMPLATES).split():
            if word[0] == "{":
                entity_type, names = placeholders[word[1]]
                words = chance.choice(names).split()
                prefixes = ["B"] + ["I"] * (len(words) - 1)
                sentence += [
                    (w, f"{p}-{entity_type}") for p, w in zip(prefixes, words, strict=True)
                ]
            else:
                sentence.append((word, "O"))
        yield sentence


def opinions(count: int, seed: int) -> Iterator[tuple[str, str, str]]:
    """Yield sentences, each with a name in it and the polarity towards that name."""
    chance = random.Random(seed)
    lists = {"negative": BAD, "neutral": PLAIN, "positive": GOOD}
    for _ in range(count):
        one, other = chance.choice(list(lists)), chance.choice(list(lists))
        person, second = chance.sample(PERSONS, 2)
        names = {"P": person, "O": chance.choice(COMPANIES), "L": chance.choice(PLACES)}
        if chance.random() < 0.4:
            a, b = chance.choice(lists[one]), chance.choice(lists[other])
            text = CONTRAST_TEMPLATE.format(P=person, Q=second, a=a, b=b)
            yield (text, person, one) if chance.random() < 0.5 else (text, second, other)
        else:
            text = chance.choice(OPINION_TEMPLATES).format(w=chance.choice(lists[one]), **names)
            yield text, person, one


def corpus() -> list[str]:
    """The texts that the tokenizers are trained on: those of the models, and some other English."""
    texts = [" ".join(word for word, _ in s) for s in sentences(2000, 1)]
    texts += [text for text, _, _ in opinions(1000, 2)]
    return texts + (ROOT / "LICENSE").read_text(encoding="utf-8").splitlines()


def train(recipe: Recipe, folder: Path) -> Path:
    """Train a checkpoint and save it in ``folder`` with ``save_pretrained``."""
    import torch
    import transformers

    torch.manual_seed(7)
    torch.set_num_threads(2)
    tokenizer = TOKENIZERS[recipe.architecture](folder)
    sizes = {
        "vocab_size": len(tokenizer),
        "pad_token_id": tokenizer.pad_token_id,
        "id2label": dict(enumerate(recipe.labels)),
        "label2id": {label: i for i, label in enumerate(recipe.labels)},
    }
    config = CONFIGS[recipe.architecture](transformers, sizes)
    model = getattr(transformers, f"AutoModelFor{recipe.task}").from_config(config)
    make_batches = _tagged_batches if recipe.task == "TokenClassification" else _rated_batches
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    model.train()
    for batch in make_batches(recipe, tokenizer):
        loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    model.eval().save_pretrained(folder)
    if recipe.architecture not in SLOW:
        tokenizer.save_pretrained(folder)
    (folder / "README.md").write_text(CARD.format(TAGS[recipe.task]), encoding="utf-8")
    return folder


STEPS = 120
ROWS = 32
TAGS = {
    "TokenClassification": "token-classification",
    "SequenceClassification": "text-classification",
}
CARD = """---
language: en
license: apache-2.0
pipeline_tag: {}
---
# Made of templates
"""
SLOW = frozenset({"xlm-roberta"})
"""Architectures that are saved without tokenizer.json, with the SentencePiece model only."""


def _tagged_batches(recipe: Recipe, tokenizer: Any) -> Iterator[dict[str, Any]]:
    import torch

    ids = {label: i for i, label in enumerate(recipe.labels)}
    drawn = list(sentences(STEPS * ROWS, 3))
    chance = random.Random(4)
    for step in range(STEPS):
        rows = drawn[step * ROWS : (step + 1) * ROWS]
        texts, spans_of_texts = [], []
        for row in rows:
            text, spans = "", []
            for word, tag in row:
                # As in print, punctuation mostly follows the word without a space.
                text += " " if text and (word.isalnum() or chance.random() < 0.2) else ""
                spans.append((len(text), len(text) + len(word), tag))
                text += word
            texts.append(text)
            spans_of_texts.append(spans)
        encoded = tokenizer(texts, padding=True, return_tensors="pt", return_offsets_mapping=True)
        labels = torch.full(encoded["input_ids"].shape, -100)
        for r, offsets in enumerate(encoded.pop("offset_mapping").tolist()):
            for t, (start, end) in enumerate(offsets):
                if start < end:
                    start += texts[r][start] == " "
                    labels[r, t] = _label(ids, spans_of_texts[r], start, end)
        yield {**encoded, "labels": labels}


def _label(ids: dict[str, int], spans: Sequence[tuple[int, int, str]], start: int, end: int) -> int:
    """The label of a token, by its word and by whether it begins or ends a name."""
    k = next((k for k, (a, b, _) in enumerate(spans) if a <= start < b), None)
    if k is None or spans[k][2] == "O":
        return ids["O"]
    a, b, tag = spans[k]
    entity_type = tag[2:]
    if entity_type in ids:
        return ids[entity_type]
    begins = tag[0] == "B" and start == a
    last = k + 1 == len(spans) or spans[k + 1][2] != f"I-{entity_type}"
    ends = last and end == b
    if f"S-{entity_type}" not in ids:
        return ids[f"{'B' if begins else 'I'}-{entity_type}"]
    prefix = "S" if begins and ends else "B" if begins else "E" if ends else "I"
    return ids[f"{prefix}-{entity_type}"]


def _rated_batches(recipe: Recipe, tokenizer: Any) -> Iterator[dict[str, Any]]:
    import torch

    drawn = [o for o in opinions(5 * STEPS * ROWS, 5) if _polarity(recipe, o[2]) is not None]
    for step in range(3 * STEPS if recipe.pairs else 2 * STEPS):
        rows = drawn[step * ROWS : (step + 1) * ROWS]
        pairs = [name for _, name, _ in rows] if recipe.pairs else None
        encoded = tokenizer([text for text, _, _ in rows], pairs, padding=True, return_tensors="pt")
        labels = torch.tensor([_polarity(recipe, polarity) for _, _, polarity in rows])
        yield {**encoded, "labels": labels}


def _polarity(recipe: Recipe, polarity: str) -> int | None:
    """The index of the label for a polarity, the strongest of five; ``None`` if there is none."""
    indices = {2: (0, None, 1), 3: (0, 1, 2), 5: (0, 2, 4)}[len(recipe.labels)]
    return indices[("negative", "neutral", "positive").index(polarity)]


def _word_pieces() -> list[str]:
    """A vocabulary in which long words have two pieces; the same in every process.

    The trainers of ``tokenizers`` break ties at random, and with the vocabulary the weights would
    differ from run to run.
    """
    from tokenizers.pre_tokenizers import BertPreTokenizer

    split = BertPreTokenizer().pre_tokenize_str
    words = sorted({word for text in corpus() for word, _ in split(text)})
    characters = sorted(set("".join(words)))
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces += [*characters, *(f"##{character}" for character in characters)]
    for word in words:
        pieces += [word[:_STEM], f"##{word[_STEM:]}"] if len(word) > _STEM else [word]
    return list(dict.fromkeys(pieces))


def _wordpiece(tokenizer_class: str) -> Callable[[Path], Any]:
    def build(folder: Path) -> Any:
        import transformers

        folder.mkdir(parents=True, exist_ok=True)
        (folder / "vocab.txt").write_text("\n".join(_word_pieces()) + "\n", encoding="utf-8")
        return getattr(transformers, tokenizer_class)(
            vocab=str(folder / "vocab.txt"), do_lower_case=False, strip_accents=False,
            model_max_length=512,
        )  # fmt: skip

    return build


def _byte_bpe(folder: Path) -> Any:
    import transformers
    from tokenizers import ByteLevelBPETokenizer

    trained = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trained.train_from_iterator(
        corpus(), vocab_size=1500, special_tokens=special, show_progress=False
    )
    folder.mkdir(parents=True, exist_ok=True)
    trained.save_model(str(folder))
    return transformers.RobertaTokenizerFast(
        vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt"), model_max_length=512
    )


def _sentencepiece(folder: Path) -> Any:
    import sentencepiece
    import transformers

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sentencepiece.bpe.model"
    with path.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(corpus()), model_writer=file, vocab_size=1200,
            hard_vocab_limit=False, minloglevel=2,
        )  # fmt: skip
    kept = {"tokenizer_class": "XLMRobertaTokenizer", "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(kept), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps({"model_type": "xlm-roberta"}), encoding="utf-8")
    return transformers.AutoTokenizer.from_pretrained(folder)


def _unigram(folder: Path) -> Any:
    import transformers
    from tokenizers import SentencePieceUnigramTokenizer

    trained = SentencePieceUnigramTokenizer()
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]
    trained.train_from_iterator(
        corpus(), vocab_size=1200, special_tokens=special, unk_token="[UNK]", show_progress=False
    )
    state = json.loads(trained.to_str())
    return transformers.DebertaV2TokenizerFast(
        vocab=[tuple(each) for each in state["model"]["vocab"]], model_max_length=512
    )


def _config(config_class: str, **own: Any) -> Callable[[Any, dict[str, Any]], Any]:
    sizes: dict[str, Any] = {
        "hidden_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4,
        "intermediate_size": 192, "max_position_embeddings": 512,
    }  # fmt: skip

    def build(transformers: Any, given: dict[str, Any]) -> Any:
        return getattr(transformers, config_class)(**{**sizes, **own, **given})

    return build


CONFIGS = {
    "bert": _config("BertConfig"),
    "roberta": _config("RobertaConfig", max_position_embeddings=514, type_vocab_size=1),
    "xlm-roberta": _config("XLMRobertaConfig", max_position_embeddings=514, type_vocab_size=1),
    "distilbert": _config("DistilBertConfig", dim=96, n_layers=2, n_heads=4, hidden_dim=192),
    "electra": _config("ElectraConfig", embedding_size=64),
    "deberta-v2": _config(
        "DebertaV2Config", relative_attention=True, position_buckets=64, norm_rel_ebd="layer_norm",
        share_att_key=True, pos_att_type=["p2c", "c2p"], max_relative_positions=-1,
        position_biased_input=False, type_vocab_size=0,
    ),
}  # fmt: skip
TOKENIZERS: dict[str, Callable[[Path], Any]] = {
    "bert": _wordpiece("BertTokenizerFast"),
    "roberta": _byte_bpe,
    "xlm-roberta": _sentencepiece,
    "distilbert": _wordpiece("DistilBertTokenizerFast"),
    "electra": _wordpiece("ElectraTokenizerFast"),
    "deberta-v2": _unigram,
}
