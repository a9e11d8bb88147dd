"""The numbers of this service that an office may set for itself."""

from dataclasses import dataclass

from shared.policies import Bounded, number


@dataclass(frozen=True)
class Policy(Bounded):
    """Each is set by the environment: ``ENTENTE_PARTNER_<NAME>``."""

    #: Months for which passed due diligence is valid.
    due_diligence_months: int = number(24, least=1, most=120)
    #: A gap between current and target level from which a service line is proposed.
    needs_gap: int = number(2, least=1, most=4)
    #: Consultancy days first proposed for each level of such a gap.
    days_per_level: int = number(5, least=1, most=365)
    #: Likeness (0–100) of two names in one country from which an import reports them.
    name_likeness: int = number(92, least=50, most=100)
