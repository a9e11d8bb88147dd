"""Whether an institution that is proposed, or named anew, is one that is here already."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import or_

from services.partner.domain.institution import Institution, register_keys
from services.partner.domain.partner import Partner
from services.partner.known import Known, Register, here
from services.partner.sources import SourceRows, holders_of
from services.partner.store import partners
from shared.errors import Conflict
from shared.work import Work


def check_register_ids(work: Work, institution: Institution, of: Partner | None = None) -> None:
    """Raises Conflict where another partner has one of the institution's register ids."""
    holders = holders_of(work, [institution]) - ({of.id} if of else set())
    for holder in here(work, partners.c.id.in_(holders)):
        shared = next(key for key in register_keys(institution) if key in holder.keys)
        is_ror = shared == institution.ror
        raise Conflict(
            f"{holder.reference} {holder.legal_name} already has "
            + ("this ROR id" if is_ror else f"the register id {shared}")
            + ". Use that record; one that was declined or left is proposed again.",
            rule="ror-unique" if is_ror else "register-id-unique",
            field="ror" if is_ror else "identifiers",
        )


def similar_partners(
    work: Work,
    institution: Institution,
    distinct_from: Collection[UUID],
    of: Partner | None = None,
) -> list[Known]:
    """Partners in the same country whose names look like the institution's.

    distinct_from: partners that are known to be other institutions. Raises Conflict, naming them,
    where further ones have the same name, or were called so by a source.
    """
    sources = SourceRows(origin="")
    sources.look_up_names(work, [institution])
    columns = partners.c
    register = Register(
        here(
            work,
            or_(columns.country == institution.country, columns.id.in_(sources.partner_ids)),
        ),
        work.policy.name_likeness,
    )
    called_so = (register.by_id(id) for id in sorted(sources.partner_ids))
    same = {
        each.id: each
        for each in (*register.namesakes(institution), *called_so)
        if each and each.id not in distinct_from and (of is None or each.id != of.id)
    }
    if same:
        raise _is_here_already(list(same.values()))
    return register.similar(institution, but_not=of.id if of else None)


def _is_here_already(candidates: list[Known]) -> Conflict:
    named = ", ".join(f"{each.reference} {each}" for each in candidates)
    return Conflict(
        f"An institution of this name in this country is here already: {named}. Use that record "
        "(one that was declined or left is proposed again); if this is another institution, say "
        "so by naming them in distinct_from.",
        rule="partner-named-once",
        field="legal_name",
        accepted=f"distinct_from: {', '.join(str(each.id) for each in candidates)}",
        errors=[
            {
                "field": "distinct_from",
                "rule": "partner-named-once",
                "message": f"{each.reference} {each} has the id {each.id}.",
            }
            for each in candidates
        ],
    )
