"""What the partner service takes and gives."""

import pycountry
from marshmallow import fields, post_load, validate

from services.partner.domain.due_diligence import Check, CheckResult, Outcome
from services.partner.domain.institution import Institution
from services.partner.domain.needs import NeedsAssessment
from services.partner.domain.partner import ContactRole, PartnerState
from shared.events.partner import NeedsGap
from shared.events.vocabulary import Area, RiskBand, Sector
from shared.schemas import Strict, one_of, schema_for, text

#: ISO 3166-1 alpha-2, with XK as the institutions of Kosovo are listed in practice.
COUNTRIES = frozenset(country.alpha_2 for country in pycountry.countries) | {"XK"}


class InstitutionBody(Strict):
    legal_name = text(300, required=True)
    local_name = text(300, load_default=None, allow_none=True)
    aliases = fields.List(text(300), load_default=(), validate=validate.Length(max=20))
    country = fields.String(required=True)
    sector = one_of(Sector, required=True)
    ror = fields.String(load_default=None, allow_none=True)
    website = fields.Url(load_default=None, allow_none=True)
    parent_id = fields.UUID(load_default=None, allow_none=True)


class Proposal(InstitutionBody):
    id = fields.UUID(
        load_default=None, metadata={"description": "Chosen by the caller, if at all"}
    )


class DetailsChange(Strict):
    """Only what is sent is changed."""

    legal_name = text(300)
    local_name = text(300, allow_none=True)
    aliases = fields.List(text(300), validate=validate.Length(max=20))
    country = fields.String()
    sector = one_of(Sector)
    ror = fields.String(allow_none=True)
    website = fields.Url(allow_none=True)
    parent_id = fields.UUID(allow_none=True)


class NewContact(Strict):
    name = text(required=True)
    email = fields.Email(required=True)
    phone = text(40, load_default=None, allow_none=True)
    roles = fields.List(
        one_of(ContactRole), required=True, validate=validate.Length(min=1)
    )


class ContactChoice(Strict):
    contact_id = fields.UUID(required=True)


class CheckBody(Strict):
    check = one_of(Check, required=True)
    outcome = one_of(Outcome, required=True)
    evidence = text(2000, required=True)
    reviewed_on = fields.Date(load_default=None, allow_none=True)


class RiskRating(Strict):
    band = one_of(RiskBand, required=True)
    reason = text(2000, required=True)


class GapBody(Strict):
    area = one_of(Area, required=True)
    current = fields.Integer(required=True, strict=True)
    target = fields.Integer(required=True, strict=True)
    priority = fields.Integer(required=True, strict=True)

    @post_load
    def as_gap(self, values: dict, **_: object) -> NeedsGap:
        return NeedsGap(**values)


class NeedsBody(Strict):
    gaps = fields.List(fields.Nested(GapBody), required=True)
    aims = fields.String(load_default="", validate=validate.Length(max=10_000))


class Reason(Strict):
    reason = text(2000, required=True)


class ImportBatch(Strict):
    origin = text(200, required=True)
    dry_run = fields.Boolean(load_default=False)
    rows = fields.List(fields.Dict(), required=True, validate=validate.Length(1, 500))


class ImportedRow(Strict):
    place = fields.Integer(metadata={"description": "Position in the batch, from 0"})
    outcome = fields.String(
        validate=validate.OneOf(
            ["created", "changed", "unchanged", "duplicate", "refused"]
        )
    )
    partner_id = fields.UUID(allow_none=True)
    field = fields.String()
    reason = fields.String()
    similar = fields.List(fields.String())


class ImportReport(Strict):
    rows = fields.List(fields.Nested(ImportedRow))


class ContactView(Strict):
    id = fields.UUID()
    name = fields.String()
    email = fields.String()
    phone = fields.String(allow_none=True)
    roles = fields.List(one_of(ContactRole))


class PartnerView(Strict):
    id = fields.UUID()
    reference = fields.String()
    version = fields.Integer()
    state = one_of(PartnerState)
    legal_name = fields.String()
    country = fields.String()
    institution = fields.Nested(schema_for(Institution))
    sponsor_id = fields.String()
    proposed_on = fields.Date()
    contacts = fields.List(fields.Nested(ContactView))
    checks = fields.List(fields.Nested(schema_for(CheckResult)))
    risk_band = one_of(RiskBand, allow_none=True)
    risk_reason = fields.String()
    due_diligence_until = fields.Date(allow_none=True)
    due_diligence_expired = fields.Boolean()
    needs = fields.Nested(schema_for(NeedsAssessment), allow_none=True)
    imported_from = fields.String(allow_none=True)


class PartnerSummary(Strict):
    id = fields.UUID()
    reference = fields.String()
    version = fields.Integer()
    state = one_of(PartnerState)
    legal_name = fields.String()
    country = fields.String()
    institution = fields.Nested(schema_for(Institution))
    risk_band = one_of(RiskBand, allow_none=True)
    due_diligence_until = fields.Date(allow_none=True)


class PartnerFilter(Strict):
    state = one_of(PartnerState)
    country = fields.String()
    sector = one_of(Sector)
    risk_band = one_of(RiskBand)
    text = fields.String(metadata={"description": "Part of the name or the reference"})
