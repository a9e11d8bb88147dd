"""What the partner service does on others' events."""

from services.partner.domain.partner import Partner, PartnerState
from shared.events.contract import ContractActivated
from shared.messaging.reactions import NotYet, Reactions
from shared.work import Work

reactions = Reactions("partner")


@reactions.on(ContractActivated)
def begin_work(work: Work, event: ContractActivated) -> None:
    """A contract in force makes an approved or dormant partner active."""
    partner = work.find(Partner, event.partner_id)
    if partner is None:
        raise NotYet(f"Partner {event.partner_id} is not known here yet.")
    if partner.state in (PartnerState.APPROVED, PartnerState.DORMANT):
        partner.activate()
