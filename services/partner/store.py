"""The partner service's own tables, mapped onto its domain."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text, Uuid
from sqlalchemy.orm import registry

from services.partner.domain.due_diligence import CheckResult
from services.partner.domain.institution import Institution, register_keys
from services.partner.domain.needs import NeedsAssessment
from services.partner.domain.partner import Contact, Partner, PartnerState
from shared import finding
from shared.columns import Value, Values, Word, new_metadata, plain_json
from shared.events.vocabulary import RiskBand

metadata = new_metadata()

partners = Table(
    "partners",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reference", String(20), nullable=False, unique=True),
    Column("institution", Value(Institution), nullable=False),
    Column("legal_name", String(300), nullable=False),
    Column("matching_name", String(300), nullable=False),
    Column("country", String(2), nullable=False),
    Column("ror", String(40), unique=True),
    # The local name and the aliases as compared, a line each.
    Column("other_names", Text, nullable=False),
    Column("sponsor_id", String(80), nullable=False),
    Column("sponsors", Values(str), nullable=False),
    Column("state", Word(PartnerState), nullable=False, index=True),
    Column("proposed_on", Date, nullable=False),
    Column("contacts", Values(Contact), nullable=False),
    Column("checks", Values(CheckResult), nullable=False),
    Column("risk_band", Word(RiskBand)),
    Column("risk_reason", Text, nullable=False),
    Column("due_diligence_until", Date, index=True),
    Column("due_diligence_expired", Boolean, nullable=False),
    Column("needs", Value(NeedsAssessment)),
    Column("imported_from", String(200)),
    *finding.key_columns(),
)
Index("ix_partners_country_matching_name", partners.c.country, partners.c.matching_name)

#: Register ids, each of one partner: the ROR id, and scheme and id in one.
identifiers = Table(
    "identifiers",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("partner_id", Uuid, nullable=False, index=True),
)
#: What each source last said of an institution, under the name that it gives it.
source_rows = Table(
    "source_rows",
    metadata,
    Column("origin", String(200), primary_key=True),
    Column("country", String(2), primary_key=True),
    Column("name", String(300), primary_key=True),
    Column("partner_id", Uuid, nullable=False, index=True),
    Column("told", plain_json(), nullable=False),
)
Index("ix_source_rows_country_name", source_rows.c.country, source_rows.c.name)

registry(metadata=metadata).map_imperatively(Partner, partners, version_id_col=partners.c.version)
finding.keep(
    Partner,
    name=lambda partner: partner.institution.legal_name,
    found_by=lambda partner: (
        partner.reference,
        partner.institution.legal_name,
        partner.institution.local_name,
        *partner.institution.aliases,
        *register_keys(partner.institution),
    ),
)
