"""Reading an event the quick way gives what its schema gives, or leaves it to the schema."""

import json
from typing import Any

import pytest
from marshmallow import ValidationError

from shared.events import event_from, schema_of
from shared.events.partner import Institution, NeedsAssessed, NeedsGap, PartnerProposed
from shared.events.reading import Unusual, reader_of
from shared.events.vocabulary import Area, Sector
from shared.identifiers import new_id

PROPOSED = PartnerProposed(
    partner_id=new_id(),
    reference="PTR-2026-0001",
    institution=Institution("جامعة", "JO", Sector.UNIVERSITY, aliases=("A", "B")),
    sponsor_id="officer",
)


def changed(**changes: Any) -> dict[str, Any]:
    return PROPOSED.to_plain() | changes


@pytest.mark.row("X5")
@pytest.mark.parametrize(
    "event",
    [
        PROPOSED,
        NeedsAssessed(partner_id=new_id(), gaps=(NeedsGap(Area.QUALITY, 1, 3, 2),), proposals=()),
    ],
)
def test_what_we_wrote_ourselves_is_read_as_it_was(event):
    wire = json.loads(json.dumps(event.to_plain()))
    kind: type = type(event)
    assert reader_of(kind)(wire) == event
    assert schema_of(event.type, event.version).load(wire) == event


@pytest.mark.row("X5")
def test_unknown_fields_are_ignored_and_defaults_fill_in():
    plain = changed(colour="red")
    del plain["imported_from"]
    assert event_from("partner.proposed", 1, plain) == PROPOSED


@pytest.mark.row("X5")
@pytest.mark.parametrize(
    "wrong",
    [
        {"partner_id": "7"},
        {"partner_id": None},
        {"reference": 7},
        {"institution": []},
        {"institution": {"legal_name": "A", "country": "JO", "sector": "school"}},
        {"institution": {"legal_name": "A", "country": "JO"}},
        {"institution": {"legal_name": "A", "country": "JO", "sector": "nhs", "aliases": "B"}},
    ],
)
def test_what_does_not_fit_is_refused_by_the_schema(wrong):
    with pytest.raises(Unusual):
        reader_of(PartnerProposed)(changed(**wrong))
    with pytest.raises(ValidationError):
        event_from("partner.proposed", 1, changed(**wrong))
