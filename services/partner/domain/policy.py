"""The numbers of this service that an office may set for itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Each is set by the environment: ``ENTENTE_PARTNER_<NAME>``."""

    #: Months for which passed due diligence is valid.
    due_diligence_months: int = 24
    #: A gap between current and target level from which a service line is proposed.
    needs_gap: int = 2
    #: Consultancy days first proposed for each level of such a gap.
    days_per_level: int = 5
    #: Likeness (0–100) of two names in one country from which an import reports them.
    name_likeness: int = 92
