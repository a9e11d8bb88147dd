"""What a command needs of the partner that it is about."""

from uuid import UUID

from services.contract.domain.partners import KnownPartner, unknown_partner
from shared.events.contract import Party
from shared.events.vocabulary import Side
from shared.work import Work


def known_partner(work: Work, partner_id: UUID) -> KnownPartner:
    """What is known of a partner. Raises Invalid for one that is not known (yet)."""
    partner = work.find(KnownPartner, partner_id)
    if partner is None:
        raise unknown_partner(partner_id)
    return partner


def usual_parties(work: Work, partner: KnownPartner) -> tuple[Party, ...]:
    """The two sides of a contract where nobody says otherwise."""
    return Party(work.policy.our_party, Side.OURS), Party(partner.name, Side.THEIRS)
