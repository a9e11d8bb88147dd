"""Needs assessment: where a partner stands in five areas, where it wants to be, what we propose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.errors import Invalid
from shared.events.partner import NeedsGap, ServiceProposal
from shared.events.vocabulary import Area

LEVELS = range(1, 6)
PRIORITIES = range(1, 6)

#: What the office offers in each area.
SERVICE_LINES = {
    Area.CURRICULUM_AND_FACULTY: "Curriculum review and faculty-development programme",
    Area.STUDENTS: "Student exchange, electives and visiting placements",
    Area.ASSESSMENT: "Assessment blueprint and examiner training",
    Area.QUALITY: "Quality-assurance visits and external review",
    Area.POLICY: "Policy and strategy advice",
}


@dataclass(frozen=True)
class NeedsAssessment:
    """One assessment: a gap for each area, the partner's own aims, what was proposed for it."""

    assessed_on: date
    gaps: tuple[NeedsGap, ...]
    aims: str
    proposals: tuple[ServiceProposal, ...]


def assess(
    gaps: Sequence[NeedsGap], aims: str, on: date, *, from_gap: int, days_per_level: int
) -> NeedsAssessment:
    """Judge all five areas at once. Raises Invalid where one is missing, doubled or off the scale.

    A gap of `from_gap` levels or more proposes the area's service line; highest priority first.
    """
    if sorted(gap.area for gap in gaps) != sorted(Area):
        raise Invalid(
            "A needs assessment judges each of the five areas once.",
            rule="five-areas",
            field="gaps",
            accepted=", ".join(Area),
        )
    for place, gap in enumerate(gaps):
        _on_scale(gap, place)
    wide = [gap for gap in gaps if gap.target - gap.current >= from_gap]
    proposals = tuple(
        ServiceProposal(
            gap.area,
            SERVICE_LINES[gap.area],
            (gap.target - gap.current) * days_per_level,
        )
        for gap in sorted(wide, key=lambda gap: -gap.priority)
    )
    return NeedsAssessment(on, tuple(gaps), aims, proposals)


def _on_scale(gap: NeedsGap, place: int) -> None:
    for name, level, scale in (
        ("current", gap.current, LEVELS),
        ("target", gap.target, LEVELS),
        ("priority", gap.priority, PRIORITIES),
    ):
        if level not in scale:
            raise Invalid(
                f"{name.capitalize()} of {gap.area} is {level}; the scale is 1 to 5.",
                rule="five-point-scale",
                field=f"gaps.{place}.{name}",
                accepted="1, 2, 3, 4 or 5",
            )
    if gap.target < gap.current:
        raise Invalid(
            f"The target of {gap.area} lies below the current level.",
            rule="target-not-below-current",
            field=f"gaps.{place}.target",
            accepted=f"{gap.current} to 5",
        )
