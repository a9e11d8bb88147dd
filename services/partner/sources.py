"""What sources have said of partners, so that a later word of theirs reverts nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, tuple_

from services.partner.domain.institution import Institution, matching_name, register_keys
from services.partner.domain.partner import Partner
from services.partner.store import identifiers, source_rows
from shared import many_rows
from shared.work import Work


@dataclass(frozen=True)
class SourceRow:
    """What one source last said of an institution, under the name that it gives it."""

    origin: str
    country: str
    name: str
    partner_id: UUID
    #: By field of the institution, as plain values.
    told: dict[str, Any]


@dataclass
class SourceRows:
    """Rows of sources about the institutions of a batch."""

    origin: str
    _own: dict[tuple[str, str], SourceRow] = field(default_factory=dict)
    _of_partner: dict[UUID, SourceRow] = field(default_factory=dict)
    _elsewhere: dict[tuple[str, str], SourceRow] = field(default_factory=dict)

    def look_up_names(self, work: Work, institutions: Iterable[Institution]) -> None:
        """Find the rows, of every origin, of these countries and names."""
        keys = sorted({key_of(each) for each in institutions})
        self._take(work, tuple_(source_rows.c.country, source_rows.c.name).in_(keys))

    def look_up_partners(self, work: Work, partner_ids: Iterable[UUID]) -> None:
        """Find the rows of this origin about these partners."""
        columns = source_rows.c
        is_about = columns.partner_id.in_(set(partner_ids))
        self._take(work, (columns.origin == self.origin) & is_about)

    def own(self, institution: Institution, partner_id: UUID | None = None) -> SourceRow | None:
        """What this source said before under the same name; or else of the same partner."""
        row = self._own.get(key_of(institution))
        return row or (self._of_partner.get(partner_id) if partner_id else None)

    def of_any(self, institution: Institution) -> SourceRow | None:
        """What this source, else any, said before under the same name."""
        return self._own.get(key_of(institution)) or self._elsewhere.get(key_of(institution))

    @property
    def partner_ids(self) -> set[UUID]:
        rows = (*self._own.values(), *self._elsewhere.values(), *self._of_partner.values())
        return {row.partner_id for row in rows}

    @property
    def own_partner_ids(self) -> set[UUID]:
        """Partners that this source has brought."""
        return set(self._of_partner)

    def _take(self, work: Work, condition: Any) -> None:
        statement = select(source_rows).where(condition).order_by(source_rows.c.origin)
        for row in work.session.execute(statement):
            said = SourceRow(row.origin, row.country, row.name, row.partner_id, row.told)
            place = said.country, said.name
            if said.origin == self.origin:
                self._own[place] = said
                self._of_partner.setdefault(said.partner_id, said)
            else:
                self._elsewhere.setdefault(place, said)


def key_of(institution: Institution) -> tuple[str, str]:
    return institution.country, matching_name(institution.legal_name)


def holders_of(work: Work, institutions: Iterable[Institution]) -> set[UUID]:
    """The partners that have one of the institutions' register ids."""
    keys = {key for each in institutions for key in register_keys(each)}
    if not keys:
        return set()
    held = select(identifiers.c.partner_id).where(identifiers.c.key.in_(keys))
    return set(work.session.scalars(held))


def keep_rows(work: Work, rows: Sequence[SourceRow], *, replacing: Sequence[SourceRow]) -> None:
    """Keep what a source says now, in place of what it said before."""
    columns = source_rows.c
    if replacing:
        keys = [(row.origin, row.country, row.name) for row in replacing]
        key = tuple_(columns.origin, columns.country, columns.name)
        work.session.execute(delete(source_rows).where(key.in_(keys)))
    many_rows.insert_new(work.session, source_rows, [vars(row) for row in rows])


def keep_identifiers(work: Work, *changed: Partner, new: Sequence[Partner] = ()) -> None:
    """Keep the register entries of partners where they can be looked up, each for one partner."""
    if changed:
        ids = [partner.id for partner in changed]
        work.session.execute(delete(identifiers).where(identifiers.c.partner_id.in_(ids)))
    rows = [
        {"key": key, "partner_id": partner.id}
        for partner in (*changed, *new)
        for key in register_keys(partner.institution)
    ]
    if rows:
        work.session.execute(identifiers.insert(), rows)
