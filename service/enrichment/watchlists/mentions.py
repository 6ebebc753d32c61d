"""What the lists name in an article, as mentions of its entities."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from service.enrichment.bio import TaggedSpan
from service.enrichment.candidates import Candidate
from service.enrichment.coreference.names import key_of
from service.enrichment.links.entries import Link
from service.enrichment.salience import Cluster
from service.enrichment.segmentation import Segmentation
from service.enrichment.types import Entity, EntityType
from service.enrichment.watchlists.index import ListMatch
from service.enrichment.words import Span

_CERTAIN = 1.0


def spans_of(
    matches: Sequence[ListMatch], segmentation: Segmentation
) -> tuple[list[TaggedSpan], list[ListMatch]]:
    """The words in which lists name something.

    Args:
        matches: in the article, by position.
        segmentation: of the article.

    Returns:
        A span for each stretch of characters, by position; and the matches without those that cross
        from one line into another sentence, which are two names in a row.
    """
    starts = [start for start, _ in segmentation.words] if matches else []
    spans: dict[Span, TaggedSpan] = {}
    kept = []
    for match in matches:
        characters = match.start, match.end
        if characters not in spans:
            first = bisect_right(starts, match.start) - 1
            last = bisect_left(starts, match.end)
            sentences = {segmentation.sentence_of(first), segmentation.sentence_of(last - 1)}
            broken = "\n" in segmentation.source[match.start : match.end]
            if len(sentences) > 1 and broken:
                continue
            spans[characters] = TaggedSpan(first, last, "", _CERTAIN, characters)
        kept.append(match)
    return list(spans.values()), kept


@dataclass(frozen=True)
class ListedClusters:
    """Clusters of mentions, with what lists have about them.

    Attributes:
        clusters: the mentions of each entity in order of appearance.
        nested: spans of the mentions that only lists find and that overlap another mention.
    """

    clusters: list[list[Candidate]]
    nested: frozenset[Span]
    _matches: Mapping[Span, Sequence[ListMatch]]
    _added: frozenset[Span]

    def outer(self, clusters: Sequence[Cluster]) -> list[Cluster]:
        """The ranked clusters without the nested mentions."""
        if not self.nested:
            return list(clusters)
        return [
            replace(
                cluster,
                mentions=tuple(m for m in cluster.mentions if _span(m) not in self.nested),
            )
            for cluster in clusters
        ]

    def link(self, entities: Sequence[Entity], clusters: Sequence[Cluster]) -> tuple[Entity, ...]:
        """The entities with links to the entries whose names they have.

        Args:
            entities: of the clusters, in the same order.
            clusters: as ranked.
        """
        return tuple(
            replace(
                entity,
                links=self._links(cluster),
                origin="list" if _span(cluster.mentions[0]) in self._added else None,
            )
            for entity, cluster in zip(entities, clusters, strict=True)
        )

    def _links(self, cluster: Cluster) -> tuple[Link, ...]:
        matches: dict[int, ListMatch] = {}
        mentions: dict[int, list[int]] = defaultdict(list)
        for i, mention in enumerate(cluster.mentions):
            for match in self._matches.get(_span(mention), ()):
                matches[match.number] = match
                mentions[match.number].append(i)
        return tuple(
            Link(
                source=f"list:{match.list}",
                id=match.entry.id,
                uri=None,
                name=match.entry.name,
                confidence=_CERTAIN,
                mentions=tuple(dict.fromkeys(mentions[number])),
                extra=match.entry.extra or None,
            )
            for number, match in sorted(matches.items())
        )


def add_listed(
    clusters: Sequence[Sequence[Candidate]],
    listed: Sequence[Candidate],
    matches: Sequence[ListMatch],
) -> ListedClusters:
    """Add the names that lists find to the mentions that the model finds.

    A match that is a mention up to titles, articles and legal forms links the mention. One inside
    of another mention of an entity that it links is that mention. All others become mentions: of
    the entity that the entry already links, or else of an entity of their own.

    Args:
        clusters: the mentions of each entity in order of appearance.
        listed: a mention for each span of the matches.
        matches: by position.
    """
    return _Merger(clusters, listed, matches).merge()


class _Merger:
    def __init__(
        self,
        clusters: Sequence[Sequence[Candidate]],
        listed: Sequence[Candidate],
        matches: Sequence[ListMatch],
    ) -> None:
        self._clusters = [list(mentions) for mentions in clusters]
        self._listed = {_span(mention): mention for mention in listed}
        self._matches = matches
        self._tagged = sorted(
            ((mention, i) for i, mentions in enumerate(clusters) for mention in mentions),
            key=lambda item: _span(item[0]),
        )
        self._starts = [mention.start for mention, _ in self._tagged]
        self._reach = list(accumulate((mention.end for mention, _ in self._tagged), max))
        self._at: dict[Span, list[ListMatch]] = defaultdict(list)
        self._linked: dict[int, dict[int, None]] = defaultdict(dict)
        self._added: dict[Span, bool] = {}  # whether it overlaps a mention of the model

    def merge(self) -> ListedClusters:
        """The clusters with all matches."""
        missed: dict[int, list[ListMatch]] = defaultdict(list)
        unlinked: list[ListMatch] = []
        others = self._absorb(self._link_mentions())
        owners: dict[Span, int] = {}  # a place is a mention of one entity, whatever entries it has
        for match in others:
            if clusters := self._linked.get(match.number):
                owners.setdefault((match.start, match.end), next(iter(clusters)))
        for match in others:
            owner = owners.get((match.start, match.end))
            (unlinked if owner is None else missed[owner]).append(match)
        for number, matches in missed.items():
            self._add(matches, self._clusters[number])
            self._clusters[number].sort(key=_span)
        new: list[list[Candidate]] = []
        for group in _groups(unlinked):
            new.append([])
            self._add(group, new[-1])
        return ListedClusters(
            [*self._clusters, *new],
            frozenset(self._find_nested()),
            self._at,
            frozenset(_span(mentions[0]) for mentions in new),
        )

    def _link_mentions(self) -> list[ListMatch]:
        """Link the mentions that are matches; return the other matches."""
        others = []
        for match in self._matches:
            same = [
                (mention, cluster)
                for mention, cluster in self._overlapping(match)
                if _is_same_name(mention, self._listed[match.start, match.end])
            ]
            for mention, cluster in same:
                self._at[_span(mention)].append(match)
                self._linked[match.number][cluster] = None
            if not same:
                others.append(match)
        return others

    def _absorb(self, matches: Sequence[ListMatch]) -> list[ListMatch]:
        """Count matches inside of a mention of an entity that they link as this mention."""
        others = []
        for match in matches:
            around = [
                mention
                for mention, cluster in self._overlapping(match)
                if cluster in self._linked.get(match.number, ())
                and mention.start <= match.start
                and match.end <= mention.end
            ]
            for mention in around:
                self._at[_span(mention)].append(match)
            if not around:
                others.append(match)
        return others

    def _add(self, matches: Sequence[ListMatch], mentions: list[Candidate]) -> None:
        """Add matches to the mentions of an entity, unless they are part of one another."""
        types = [mention.type for mention in mentions[:1]]
        types += [match.entry.type for match in matches if match.entry.type]
        longest: Span = (0, 0)
        for match in sorted(matches, key=lambda match: (match.start, -match.end)):
            if match.end > longest[1]:
                longest = match.start, match.end
                around = [mention.type for mention, _ in self._overlapping(match)]
                types += around
                mentions.append(self._listed[longest])
                self._added[longest] = bool(around)
            self._at[longest].append(match)
        type_ = str(types[0]) if types else EntityType.MISC
        mentions[:] = [replace(mention, type=mention.type or type_) for mention in mentions]

    def _find_nested(self) -> Iterator[Span]:
        """The added mentions that overlap one of the model, or a longer added one."""
        end = 0
        for span in sorted(self._added, key=lambda span: (span[0], -span[1])):
            if self._added[span] or span[0] < end:
                yield span
            end = max(end, span[1])

    def _overlapping(self, match: ListMatch) -> Iterator[tuple[Candidate, int]]:
        """The model's mentions that overlap a match, each with its cluster; the last one first."""
        i = bisect_left(self._starts, match.end) - 1
        while i >= 0 and self._reach[i] > match.start:
            if self._tagged[i][0].end > match.start:
                yield self._tagged[i]
            i -= 1


def _is_same_name(mention: Candidate, listed: Candidate) -> bool:
    inside = mention.start <= listed.start and listed.end <= mention.end
    around = listed.start <= mention.start and mention.end <= listed.end
    if inside and around:
        return True
    return (inside or around) and key_of(mention) == key_of(replace(listed, type=mention.type))


def _groups(matches: Sequence[ListMatch]) -> list[list[ListMatch]]:
    """The matches of each new entity: entries that share a name are one."""
    groups: dict[int, list[ListMatch]] = {}
    group_of: dict[int, int] = {}
    first_at: dict[Span, int] = {}
    for match in matches:
        group = group_of.setdefault(match.number, match.number)
        groups.setdefault(group, []).append(match)
        other = first_at.setdefault((match.start, match.end), match.number)
        if (target := group_of[other]) != group:
            for moved in groups.pop(group):
                groups[target].append(moved)
                group_of[moved.number] = target
    return list(groups.values())


def _span(mention: Candidate) -> Span:
    return mention.start, mention.end
