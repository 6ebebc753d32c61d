"""Parses the output of ``/metrics``."""

from collections import defaultdict

from prometheus_client.parser import text_string_to_metric_families


class Samples:
    """The samples of one scrape. Counters are cumulative: compare two scrapes."""

    def __init__(self, text: str) -> None:
        self.families = list(text_string_to_metric_families(text))
        self._values = defaultdict(list)
        for family in self.families:
            for sample in family.samples:
                self._values[sample.name].append((sample.labels, sample.value))

    def sum(self, name: str, /, **labels: str) -> float:
        """Return the sum of all samples with this name and these labels; 0 if there are none."""
        return sum(value for _, value in self._with(name, labels))

    def labels(self, name: str, label: str) -> set[str]:
        """Return the values of a label."""
        return {labels[label] for labels, _ in self._values[name] if label in labels}

    def _with(self, name, labels):
        return [sample for sample in self._values[name] if labels.items() <= sample[0].items()]
