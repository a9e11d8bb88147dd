"""A needs assessment judges five areas; wide gaps propose service lines and days."""

from dataclasses import replace

import pytest

from services.partner.domain.needs import assess
from shared.errors import Invalid
from shared.events.partner import NeedsGap
from shared.events.vocabulary import Area
from tests.unit.partner.story import TODAY, proposed, types

CONTENT = tuple(NeedsGap(area, current=3, target=3, priority=1) for area in Area)


def judged(*changed: NeedsGap) -> tuple[NeedsGap, ...]:
    """All areas content but those that are named."""
    by_area = {gap.area: gap for gap in (*CONTENT, *changed)}
    return tuple(by_area[area] for area in Area)


def assessment(gaps, aims=""):
    return assess(gaps, aims, TODAY, from_gap=2, days_per_level=5)


@pytest.mark.row("P5")
def test_a_gap_of_two_levels_proposes_the_areas_service_line_and_days():
    (proposal,) = assessment(judged(NeedsGap(Area.ASSESSMENT, 1, 4, 5))).proposals
    assert (proposal.area, proposal.service_line, proposal.days) == (
        Area.ASSESSMENT,
        "Assessment blueprint and examiner training",
        15,
    )


@pytest.mark.row("P5")
def test_a_gap_of_one_level_proposes_nothing():
    assert assessment(judged(NeedsGap(Area.ASSESSMENT, 2, 3, 5))).proposals == ()


@pytest.mark.row("P5")
def test_proposals_stand_in_the_order_of_the_partners_priorities():
    gaps = judged(NeedsGap(Area.STUDENTS, 1, 3, 2), NeedsGap(Area.POLICY, 1, 3, 5))
    assert [each.area for each in assessment(gaps).proposals] == [Area.POLICY, Area.STUDENTS]


@pytest.mark.row("P5")
def test_the_partners_own_aims_are_kept():
    assert assessment(CONTENT, "أكثر من كفاءة").aims == "أكثر من كفاءة"


@pytest.mark.row("P5")
@pytest.mark.parametrize("gaps", [CONTENT[:4], (*CONTENT, CONTENT[0]), ()])
def test_each_of_the_five_areas_is_judged_once(gaps):
    with pytest.raises(Invalid) as refused:
        assessment(gaps)
    assert refused.value.rule == "five-areas"


@pytest.mark.row("P5")
@pytest.mark.parametrize("level", [0, 6, -1])
@pytest.mark.parametrize("name", ["current", "target", "priority"])
def test_levels_and_priorities_go_from_one_to_five(name, level):
    gap = replace(NeedsGap(Area.CURRICULUM_AND_FACULTY, 1, 5, 3), **{name: level})
    with pytest.raises(Invalid) as refused:
        assessment(judged(gap))
    assert refused.value.field == f"gaps.0.{name}"


@pytest.mark.row("P5")
def test_a_target_below_the_current_level_is_refused():
    with pytest.raises(Invalid) as refused:
        assessment(judged(NeedsGap(Area.CURRICULUM_AND_FACULTY, 4, 3, 3)))
    assert refused.value.rule == "target-not-below-current"


@pytest.mark.row("P5")
def test_an_assessment_is_told_with_its_proposals():
    partner = proposed()
    partner.collect()
    partner.take_needs(assessment(judged(NeedsGap(Area.QUALITY, 2, 5, 5))))
    assert types(partner) == ["partner.needs_assessed"]
