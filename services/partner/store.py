"""The partner service's own tables, mapped onto its domain."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text, Uuid
from sqlalchemy.orm import registry

from services.partner.domain.due_diligence import CheckResult
from services.partner.domain.institution import Institution
from services.partner.domain.needs import NeedsAssessment
from services.partner.domain.partner import Contact, Partner, PartnerState
from shared.columns import Value, Values, Word, new_metadata
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
    Column("sponsor_id", String(80), nullable=False),
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
)
Index("ix_partners_country_matching_name", partners.c.country, partners.c.matching_name)

registry(metadata=metadata).map_imperatively(Partner, partners, version_id_col=partners.c.version)
