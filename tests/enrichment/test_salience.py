import pytest

from service.enrichment.salience import salience
from service.enrichment.types import EntityType, Factors

ONCE = Factors(mentions=1, leading=0, first=0.0, in_title=False)


def shares(*entities: tuple[str, Factors]) -> list[float]:
    return salience([factors for _, factors in entities], [type_ for type_, _ in entities])


def test_equal_entities_share_equally():
    assert shares(("PERSON", ONCE), ("ORG", ONCE)) == pytest.approx([1 / 2, 1 / 2])
    assert shares() == []


def test_locations_and_other_names_weigh_less_than_persons_and_unknown_types():
    person, place, other = shares(
        (EntityType.PERSON, ONCE), (EntityType.LOCATION, ONCE), (EntityType.MISC, ONCE)
    )
    assert place == pytest.approx(0.7 * person)
    assert other == pytest.approx(0.5 * person)


@pytest.mark.parametrize(
    ("factors", "times"),
    [
        (Factors(mentions=3, leading=0, first=0.0, in_title=False), 3),
        (Factors(mentions=1, leading=1, first=0.0, in_title=False), 2),
        (Factors(mentions=1, leading=0, first=0.0, in_title=True), 3),
        (Factors(mentions=1, leading=0, first=1.0, in_title=False), 0.5),
    ],
)
def test_each_factor_changes_the_weight(factors, times):
    plain, changed = shares(("PERSON", ONCE), ("PERSON", factors))
    assert changed == pytest.approx(times * plain)
