"""Consultants: who advises partners, on what, in which languages, at what rate, and when."""

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from services.consultancy.domain.policy import Policy
from shared.aggregate import Aggregate
from shared.errors import Forbidden, Invalid
from shared.events.consultancy import ConsultantChanged, ConsultantRegistered, FieldChange
from shared.events.vocabulary import Area
from shared.identifiers import orcid_id
from shared.money import Money
from shared.people import email_key, name_of_person
from shared.values import to_plain


@dataclass(frozen=True)
class Expertise:
    area: Area
    level: int  # 1 (has advised on it) to 5 (leads the field)


@dataclass(frozen=True)
class DayRate:
    role: str
    rate: Money


class Presence(StrEnum):
    FREE = "free"
    AWAY = "away"


@dataclass(frozen=True)
class AvailabilityPeriod:
    """Dates, both included, that a consultant keeps free or is away."""

    starts_on: date
    ends_on: date
    presence: Presence

    def overlaps(self, starts_on: date, ends_on: date) -> bool:
        return self.starts_on <= ends_on and starts_on <= self.ends_on


@dataclass(frozen=True)
class Profile:
    """What the office knows of a consultant. `orcid` is the bare iD, "0000-0002-1825-0097"."""

    name: str
    email: str
    expertise: tuple[Expertise, ...] = ()
    languages: tuple[str, ...] = ()  # ISO 639-1
    day_rates: tuple[DayRate, ...] = ()
    availability: tuple[AvailabilityPeriod, ...] = ()
    orcid: str | None = None
    account_id: str | None = None  # the actor that this person signs in as

    def checked(self) -> "Profile":
        """The profile in its stored form. Raises Invalid for what cannot be true."""
        _require_unique((each.area for each in self.expertise), "expertise", "area")
        _require_unique((each.role for each in self.day_rates), "day_rates", "role")
        _require_consistent(self.availability)
        return replace(
            self,
            name=name_of_person(self.name),
            email=email_key(self.email),
            languages=tuple(dict.fromkeys(self.languages)),
            orcid=self.orcid and _bare_orcid(self.orcid),
        )

    def check_new_dates(
        self, known: Collection[AvailabilityPeriod], today: date, policy: Policy
    ) -> None:
        """Raises Invalid for a period that is not `known` and lies too far from today."""
        first = today - timedelta(days=policy.availability_days_back)
        last = today + timedelta(days=policy.availability_days_ahead)
        for position, period in enumerate(self.availability):
            if period in known or (period.starts_on >= first and period.ends_on <= last):
                continue
            end = "starts_on" if period.starts_on < first else "ends_on"
            raise Invalid(
                f"Availability is kept from {first} to {last}; check the year.",
                rule="availability-dates",
                field=f"availability.{position}.{end}",
                accepted=f"a date from {first} to {last}",
            )

    @property
    def areas(self) -> tuple[Area, ...]:
        return tuple(each.area for each in self.expertise)

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(each.role for each in self.day_rates)


@dataclass(eq=False, kw_only=True)
class Consultant(Aggregate):
    kind: ClassVar[str] = "consultant"
    id: UUID
    reference: str
    name: str
    email: str
    orcid: str | None
    account_id: str | None
    expertise: tuple[Expertise, ...]
    languages: tuple[str, ...]
    day_rates: tuple[DayRate, ...]
    availability: tuple[AvailabilityPeriod, ...]
    #: Every account that the record is or was linked to.
    linked_accounts: tuple[str, ...] = ()
    version: int = 0
    #: For the answer to the person who changed the record; not stored.
    warnings: tuple[str, ...] = field(default=(), init=False)

    @classmethod
    def register(cls, id: UUID, reference: str, profile: Profile, by: str) -> "Consultant":
        """by: who registers; nobody links a record to their own account."""
        profile = profile.checked()
        consultant = cls(id=id, reference=reference, **vars(profile))
        consultant._link(profile.account_id, by)
        consultant.record(
            ConsultantRegistered(
                consultant_id=id,
                reference=reference,
                areas=profile.areas,
                languages=profile.languages,
                roles=profile.roles,
                account_id=profile.account_id,
            )
        )
        return consultant

    @property
    def profile(self) -> Profile:
        return Profile(
            name=self.name,
            email=self.email,
            expertise=self.expertise,
            languages=self.languages,
            day_rates=self.day_rates,
            availability=self.availability,
            orcid=self.orcid,
            account_id=self.account_id,
        )

    @property
    def personal(self) -> dict[str, Any]:
        """The details whose changes are kept with the record and stand in no event."""
        return {name: to_plain(getattr(self, name)) for name in PERSONAL}

    def change(self, profile: Profile, by: str) -> None:
        """Raises Forbidden where `by` changes a link that is, was or would be their own."""
        before, profile = self.profile, profile.checked()
        if profile == before:
            return
        if profile.account_id != before.account_id:
            self._link(profile.account_id, by)
        for name, value in vars(profile).items():
            setattr(self, name, value)
        self.record(
            ConsultantChanged(
                consultant_id=self.id,
                areas=profile.areas,
                languages=profile.languages,
                roles=profile.roles,
                account_id=profile.account_id,
                changes=_changes(before, profile),
            )
        )

    def _link(self, account_id: str | None, by: str) -> None:
        if by in (account_id, *self.linked_accounts):
            raise Forbidden(
                "The link between a consultant and an account is made and changed by somebody "
                "else than the person of that account; ask a colleague.",
                rule="link-by-another",
                field="account_id",
            )
        if account_id is not None:
            self.linked_accounts = tuple(dict.fromkeys((*self.linked_accounts, account_id)))

    def level_in(self, area: Area) -> int:
        """1 to 5; 0 where the consultant does not advise on it."""
        return next((each.level for each in self.expertise if each.area == area), 0)

    def has_rate_for(self, role: str) -> bool:
        return any(each.role == role for each in self.day_rates)


#: What the event names without its values: it is about a person, or what the person earns.
PERSONAL = ("name", "email", "orcid", "day_rates", "availability")


def _changes(before: Profile, after: Profile) -> tuple[FieldChange, ...]:
    was, now = vars(before), vars(after)
    return tuple(
        FieldChange(name, None, None)
        if name in PERSONAL
        else FieldChange(name, to_plain(was[name]), to_plain(now[name]))
        for name in now
        if was[name] != now[name]
    )


def _bare_orcid(pasted: str) -> str:
    bare = orcid_id(pasted)
    if bare is None:
        raise Invalid(
            f"{pasted} is not a valid ORCID iD: its check digit does not fit. "
            "Copy it again from the consultant's ORCID page.",
            rule="orcid-checksum",
            field="orcid",
            accepted="0000-0002-1825-0097 or https://orcid.org/0000-0002-1825-0097",
        )
    return bare


def _require_unique(values: Iterable[Hashable], field: str, inner: str) -> None:
    seen = set()
    for position, value in enumerate(values):
        if value in seen:
            raise Invalid(
                f"{value} is given twice; give it once.",
                rule="given-once",
                field=f"{field}.{position}.{inner}",
            )
        seen.add(value)


def _require_consistent(periods: tuple[AvailabilityPeriod, ...]) -> None:
    for position, period in enumerate(periods):
        if period.ends_on < period.starts_on:
            raise Invalid(
                "The period ends before it starts; exchange its dates.",
                rule="end-after-start",
                field=f"availability.{position}.ends_on",
                accepted=f"{period.starts_on} or later",
            )
        for earlier in periods[:position]:
            if period.presence != earlier.presence and period.overlaps(
                earlier.starts_on, earlier.ends_on
            ):
                raise Invalid(
                    f"Somebody cannot be free and away on the same date; the period overlaps the "
                    f"one from {earlier.starts_on} to {earlier.ends_on}.",
                    rule="free-or-away",
                    field=f"availability.{position}",
                )
