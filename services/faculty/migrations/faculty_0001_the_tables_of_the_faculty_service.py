"""The tables of the faculty-development service."""

import sqlalchemy as sa
from alembic import op

from shared.columns import plain_json, sort_key

revision = "faculty_0001"
down_revision = None
branch_labels = ("faculty",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("hours", sa.String(40), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revoked_because", sa.String(60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("number", name=op.f("uq_certificates_number")),
    )
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certificates_participant_id"),
            ["participant_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_certificates_partner_id"), ["partner_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certificates_programme_id"), ["programme_id"], unique=False
        )

    op.create_table(
        "evaluations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("respondents", plain_json(), nullable=False),
        sa.Column("answers", plain_json(), nullable=False),
        sa.Column("released", plain_json(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
        sa.UniqueConstraint("programme_id", name=op.f("uq_evaluations_programme_id")),
    )
    with op.batch_alter_table("evaluations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evaluations_due_on"), ["due_on"], unique=False)

    op.create_table(
        "known_contracts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("standing", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_contracts")),
    )
    with op.batch_alter_table("known_contracts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_known_contracts_partner_id"), ["partner_id"], unique=False
        )

    op.create_table(
        "participants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("profession", sa.String(length=200), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.String(length=80), nullable=True),
        sa.Column("linked_accounts", plain_json(), nullable=False),
        sa.Column("found_as", sa.Text(), nullable=False),
        sa.Column("sorted_as", sort_key(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participants")),
        sa.UniqueConstraint("partner_id", "email", name=op.f("uq_participants_partner_id_email")),
    )
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_participants_account_id"), ["account_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_participants_email"), ["email"], unique=False)
        batch_op.create_index(
            "ix_participants_email_without_partner",
            ["email"],
            unique=True,
            postgresql_where=sa.text("partner_id IS NULL"),
            sqlite_where=sa.text("partner_id IS NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_participants_partner_id"), ["partner_id"], unique=False
        )

    op.create_table(
        "programmes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("lead_id", sa.String(length=80), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("remote_capacity", sa.Integer(), nullable=True),
        sa.Column("outcomes", plain_json(), nullable=False),
        sa.Column("sessions", plain_json(), nullable=False),
        sa.Column("contributors", plain_json(), nullable=False),
        sa.Column("state", sa.String(60), nullable=False),
        sa.Column("enrolments", plain_json(), nullable=False),
        sa.Column("attendance", plain_json(), nullable=False),
        sa.Column("percent_to_attend", sa.Integer(), nullable=True),
        sa.Column("cancelled_because", sa.Text(), nullable=True),
        sa.Column("cancelled_from", sa.String(60), nullable=True),
        sa.Column("found_as", sa.Text(), nullable=False),
        sa.Column("sorted_as", sort_key(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
        sa.UniqueConstraint("reference", name=op.f("uq_programmes_reference")),
    )
    with op.batch_alter_table("programmes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_programmes_contract_id"), ["contract_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_programmes_lead_id"), ["lead_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_programmes_partner_id"), ["partner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_programmes_state"), ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("programmes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_programmes_state"))
        batch_op.drop_index(batch_op.f("ix_programmes_partner_id"))
        batch_op.drop_index(batch_op.f("ix_programmes_lead_id"))
        batch_op.drop_index(batch_op.f("ix_programmes_contract_id"))

    op.drop_table("programmes")
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.drop_index("ix_participants_email_without_partner")
        batch_op.drop_index(batch_op.f("ix_participants_email"))
        batch_op.drop_index(batch_op.f("ix_participants_partner_id"))
        batch_op.drop_index(batch_op.f("ix_participants_account_id"))

    op.drop_table("participants")
    with op.batch_alter_table("known_contracts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_known_contracts_partner_id"))

    op.drop_table("known_contracts")
    with op.batch_alter_table("evaluations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evaluations_due_on"))

    op.drop_table("evaluations")
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificates_programme_id"))
        batch_op.drop_index(batch_op.f("ix_certificates_partner_id"))
        batch_op.drop_index(batch_op.f("ix_certificates_participant_id"))

    op.drop_table("certificates")
