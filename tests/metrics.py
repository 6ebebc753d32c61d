"""What a server says at ``/metrics``, as numbers."""

from collections import defaultdict

from prometheus_client.parser import text_string_to_metric_families


class Samples:
    """The samples of one answer. Counters of a process live as long as it: compare two answers."""

    def __init__(self, text: str) -> None:
        self.families = list(text_string_to_metric_families(text))
        self._values = defaultdict(list)
        for family in self.families:
            for sample in family.samples:
                self._values[sample.name].append((sample.labels, sample.value))

    def sum(self, name: str, /, **labels: str) -> float:
        """The sum of all samples of a name that have these labels, 0 if there are none."""
        return sum(value for _, value in self._with(name, labels))

    def labels(self, name: str, label: str) -> set[str]:
        """The values that a label has."""
        return {found[label] for found, _ in self._values[name] if label in found}

    def _with(self, name, labels):
        return [each for each in self._values[name] if labels.items() <= each[0].items()]
