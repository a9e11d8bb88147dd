"""What tells of a process that ended while it applied the first events that it had fetched."""

import sqlalchemy as sa
from alembic import op

revision = "messaging_0002"
down_revision = "messaging_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "first_fetches",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_first_fetches")),
    )


def downgrade() -> None:
    op.drop_table("first_fetches")
