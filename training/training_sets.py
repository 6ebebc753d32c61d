"""The data sets as the manifest of a bundle lists them."""

from __future__ import annotations

TRAINING_DATA = {
    "worldwide": (
        "Worldwide English newswire (train), Shan et al. 2023",
        "none stated by its makers; a survey lists CC BY-NC-SA 4.0",
        "names of nine types",
    ),
    "conll": (
        "CoNLL-2003 English (train), labels of CoNLL++",
        "annotations free; text Reuters RCV1, research use",
        "names of four types",
    ),
    "ewt": (
        "Universal NER, English Web Treebank (three quarters of the dev part)",
        "CC BY-SA 4.0",
        "persons, organisations and places in web text",
    ),
    "tone": (
        "Tone of news, 720 articles labelled by a large language model",
        "labels of this project's own; texts © their publishers, research use",
        "tone of sentences in their context, and of documents",
    ),
    "towards": (
        "Sentiment towards names, 350 of the same articles, labelled likewise",
        "as above",
        "sentiment towards a mention, in its natural shares",
    ),
    "newsmtsc": ("NewsMTSC (train)", "MIT", "sentiment towards a mention"),
    "targets": (
        "NewsTSC (without NewsMTSC) and FinEntity",
        "MIT; none stated",
        "sentiment towards a mention",
    ),
    "sst": (
        "Stanford Sentiment Treebank (train), three classes",
        "free for research; no licence stated",
        "an output beside the tone, which is not served",
    ),
    "valence": (
        "Valence of sentences: NYT editorials (VADER), EmoBank, SemEval-2007 headlines",
        "MIT; CC BY-SA 4.0",
        "an output beside the tone, which is not served",
    ),
    "contrasts": (
        "Sentences from templates in training/contrasts.txt",
        "Apache-2.0",
        "tone and sentiment towards a mention where words mislead",
    ),
    "answered": (
        "BBC news (Greene & Cunningham 2006) and US news, unlabelled",
        "texts © their publishers, research use",
        "names, tone and sentiment towards a mention, as larger models predict them (MPNet, "
        "Apache-2.0)",
    ),
}
"""Name, licence and use of each set."""
