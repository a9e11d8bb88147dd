"""What the partner service takes and gives."""

from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from services.partner.domain.due_diligence import Check, CheckResult, Outcome
from services.partner.domain.institution import Institution
from services.partner.domain.needs import NeedsAssessment
from services.partner.domain.partner import ContactRole, PartnerState
from services.partner.known import Known
from shared.events.partner import NeedsGap
from shared.events.permissions import Permission
from shared.events.vocabulary import Area, RiskBand, Sector
from shared.schemas import AnyRow, Strict, View, chosen_id, one_of, schema_for, sought, text

_VETTING = {"needs": Permission.DUE_DILIGENCE_READ}


class RegisterEntryBody(Strict):
    scheme = fields.String(
        required=True,
        validate=validate.Length(max=40),
        metadata={"description": "As in org-id.guide, such as GB-COH"},
    )
    id = text(100, required=True)


def register_entries(**kwargs: Any) -> fields.List:
    return fields.List(
        fields.Nested(RegisterEntryBody),
        validate=validate.Length(max=20),
        metadata={"description": "Entries in registers of companies, charities, universities"},
        **kwargs,
    )


def distinct_from(**kwargs: Any) -> fields.List:
    return fields.List(
        fields.UUID(),
        validate=validate.Length(max=50),
        metadata={
            "description": "Partners of the same name in the same country that are confirmed to "
            "be other institutions"
        },
        **kwargs,
    )


#: What nobody knows comes with imports only; whoever proposes a partner decides.
_KNOWN_SECTOR = validate.NoneOf([Sector.UNKNOWN], error="Must be the sector of the institution.")


class InstitutionBody(Strict):
    legal_name = text(300, required=True)
    local_name = text(300, load_default=None, allow_none=True)
    aliases = fields.List(text(300), load_default=(), validate=validate.Length(max=20))
    country = fields.String(required=True)
    sector = one_of(Sector, required=True, validate=_KNOWN_SECTOR)
    ror = fields.String(load_default=None, allow_none=True)
    website = fields.Url(load_default=None, allow_none=True)
    parent_id = fields.UUID(load_default=None, allow_none=True)
    identifiers = register_entries(load_default=())


class Proposal(InstitutionBody):
    distinct_from = distinct_from(load_default=())
    id = chosen_id()


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
    identifiers = register_entries()
    distinct_from = distinct_from()


class NewContact(Strict):
    name = text(required=True)
    email = fields.Email(required=True)
    phone = text(40, load_default=None, allow_none=True)
    roles = fields.List(one_of(ContactRole), required=True, validate=validate.Length(min=1))


class ContactChange(Strict):
    """Only what is sent is changed."""

    contact_id = fields.UUID(required=True)
    name = text()
    email = fields.Email()
    phone = text(40, allow_none=True)
    roles = fields.List(one_of(ContactRole), validate=validate.Length(min=1))


class ContactChoice(Strict):
    contact_id = fields.UUID(required=True)


class CheckBody(Strict):
    check = one_of(Check, required=True)
    outcome = one_of(Outcome, required=True)
    evidence = text(2000, required=True)
    reviewed_on = fields.Date(load_default=None, allow_none=True)
    condition = text(
        2000,
        load_default=None,
        allow_none=True,
        metadata={"description": "Of a conditional outcome: what is still to be done"},
    )
    condition_due_on = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "Of a conditional outcome: until when it counts as passed"},
    )
    reason = text(
        2000, load_default=None, allow_none=True, metadata={"description": "Why it is waived"}
    )


class ReviewWithdrawal(Strict):
    review_id = fields.UUID(required=True)
    reason = text(2000, required=True)


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


class ImportedInstitution(Strict):
    """One row of an import; validated by itself, so that it never stops the others."""

    legal_name = text(300, required=True)
    local_name = text(300, load_default=None, allow_none=True)
    aliases = fields.List(text(300), load_default=(), validate=validate.Length(max=20))
    country = fields.String(required=True)
    sector = one_of(Sector, load_default=None, allow_none=True)
    ror = fields.String(load_default=None, allow_none=True)
    website = fields.String(load_default=None, allow_none=True)
    identifiers = register_entries(load_default=())
    place = fields.Integer(load_default=None, allow_none=True, strict=True)


class UpToTheFirstError(fields.List):
    """A list of what a program wrote, perhaps tens of thousands: one wrong item says enough."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        loaded = []
        for number, each in enumerate(value):
            try:
                loaded.append(self.inner.deserialize(each))
            except ValidationError as error:
                raise ValidationError({number: error.messages}) from error
        return loaded


class ImportBatch(Strict):
    judged_later = frozenset(["rows"])

    origin = text(
        200, required=True, metadata={"description": "The same name for the same source each time"}
    )
    sector = one_of(
        Sector,
        load_default=Sector.UNKNOWN,
        metadata={"description": "Of partners whose row names none and whose sector is unknown"},
    )
    dry_run = fields.Boolean(load_default=False)
    taken = UpToTheFirstError(
        fields.Nested(schema_for(Known)),
        load_default=(),
        metadata={"description": "In a dry run: would_be of its earlier batches"},
    )
    met = fields.Dict(
        fields.String(),
        fields.Integer(strict=True),
        load_default=dict,
        metadata={
            "description": "By partner id: the row in an earlier batch of the same file that was "
            "about it"
        },
    )
    rows = fields.List(
        AnyRow(allow_none=True),
        required=True,
        validate=validate.Length(1, 500),
        metadata={
            "description": "Each with legal_name and country (a code or a name), and if known "
            "local_name, aliases, sector, ror, identifiers and website; place: its number in the "
            "file"
        },
    )


class ImportOutcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class ImportedRow(View):
    place = fields.Integer(
        metadata={"description": "As the row says, else its position in the batch, from 1"}
    )
    outcome = one_of(ImportOutcome)
    partner_id = fields.UUID(allow_none=True)
    field = fields.String(metadata={"description": "What the reason is about"})
    reason = fields.String(
        metadata={"description": "Why refused or duplicate; of a taken row, what was left out"}
    )
    similar = fields.List(
        fields.String(), metadata={"description": "Names in the same country that look like it"}
    )
    same_as = fields.Integer(
        allow_none=True,
        metadata={"description": "Of a duplicate: the place of the earlier row about the partner"},
    )
    would_be = fields.Nested(
        schema_for(Known),
        allow_none=True,
        metadata={"description": "In a dry run: for `taken` of the next batch"},
    )


class ImportReport(View):
    rows = fields.List(fields.Nested(ImportedRow))


class ContactView(View):
    id = fields.UUID()
    name = fields.String()
    email = fields.String(metadata={"needs": Permission.PERSONAL_DATA_READ})
    phone = fields.String(allow_none=True, metadata={"needs": Permission.PERSONAL_DATA_READ})
    roles = fields.List(one_of(ContactRole))


class PartnerView(View):
    id = fields.UUID()
    reference = fields.String()
    version = fields.Integer()
    state = one_of(PartnerState)
    legal_name = fields.String()
    country = fields.String()
    institution = fields.Nested(schema_for(Institution))
    sponsor_id = fields.String(metadata={"needs": Permission.COLLEAGUES_READ})
    proposed_on = fields.Date()
    contacts = fields.List(fields.Nested(ContactView))
    checks = fields.List(
        fields.Nested(schema_for(CheckResult)),
        attribute="current_checks",
        metadata=_VETTING,
    )
    check_history = fields.List(
        fields.Nested(schema_for(CheckResult)),
        attribute="checks",
        metadata=_VETTING
        | {"description": "Every review in the order in which they were recorded"},
    )
    risk_band = one_of(RiskBand, allow_none=True, metadata=_VETTING)
    risk_reason = fields.String(allow_none=True, metadata=_VETTING)
    due_diligence_until = fields.Date(allow_none=True, metadata=_VETTING)
    due_diligence_expired = fields.Boolean(metadata=_VETTING)
    needs = fields.Nested(schema_for(NeedsAssessment), allow_none=True)
    imported_from = fields.String(allow_none=True)


class SimilarPartner(View):
    id = fields.UUID()
    reference = fields.String()
    legal_name = fields.String()
    country = fields.String()


class ProposedPartner(PartnerView):
    similar = fields.List(
        fields.Nested(SimilarPartner),
        metadata={"description": "Partners in the same country whose names look like this one"},
    )


class PartnerSummary(View):
    id = fields.UUID()
    reference = fields.String()
    version = fields.Integer()
    state = one_of(PartnerState)
    legal_name = fields.String()
    country = fields.String()
    institution = fields.Nested(schema_for(Institution))
    risk_band = one_of(RiskBand, allow_none=True, metadata=_VETTING)
    due_diligence_until = fields.Date(allow_none=True, metadata=_VETTING)


class PartnerFilter(Strict):
    state = one_of(PartnerState)
    country = text(100, metadata={"description": "A code or a name: JO, Jordan"})
    sector = one_of(Sector)
    risk_band = one_of(RiskBand, metadata=_VETTING)
    text = sought("any of its names, the reference or a register's number")
