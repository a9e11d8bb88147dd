"""What a command needs of the partner that it is about, and of the contract above."""

from uuid import UUID

from services.contract.domain.contract import Contract
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


def parent_of(work: Work, contract: Contract) -> Contract | None:
    """The contract above; None for one that stands by itself."""
    return None if contract.parent_id is None else work.find(Contract, contract.parent_id)


def usual_parties(work: Work, partner: KnownPartner) -> tuple[Party, ...]:
    """The two sides of a contract where nobody says otherwise."""
    return Party(work.policy.our_party, Side.OURS), Party(partner.name, Side.THEIRS)
