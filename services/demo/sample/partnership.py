"""How one partner of the sample came to be one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.demo.sample.places import Place
from shared.events.vocabulary import Area, RiskBand, Role

if TYPE_CHECKING:
    from services.demo.sample.history import History

#: Days between the proposals of two partners.
PACE = 3
#: The day of the first proposal, counted from today.
BEGINNING = -470

MADE_UP = "Sample data: made up"


class Partnership:
    """The steps of one partnership, as far as the sample takes it."""

    def __init__(self, history: History, number: int, place: Place) -> None:
        self.history = history
        self.place = place
        self.began = BEGINNING + PACE * number
        self.partner_id = ""

    def plan(self) -> None:
        state, at = self.place.state, self.history.at
        at(self.began, self.propose)
        if state != "prospect":
            at(self.began + 1, self.review)
        if state in ("approved", "active", "dormant"):
            at(self.began + 2, self.approve)
        if state == "declined":
            at(self.began + 20, self.decline)
        if state == "dormant":
            at(-30, self.rest)

    def propose(self) -> None:
        partner = self.history.do(
            "propose_partner",
            Role.PARTNERSHIP_OFFICER,
            legal_name=self.place.name,
            local_name=self.place.local_name,
            country=self.place.country,
            sector=self.place.sector,
        )
        self.partner_id = self.history.partners[self.place.name] = partner["id"]

    def review(self) -> None:
        self._do("start_review")
        for check in ("legal", "finance", "sanctions", "ethics", "site_visit"):
            self.history.do(
                "record_check",
                Role.FINANCE if check == "finance" else Role.PARTNERSHIP_MANAGER,
                id=self.partner_id,
                check=check,
                outcome="passed",
                evidence=MADE_UP,
            )
        rater = Role.BOARD if self.place.risk == RiskBand.HIGH else Role.PARTNERSHIP_MANAGER
        self.history.do(
            "rate_risk", rater, id=self.partner_id, band=self.place.risk, reason=MADE_UP
        )
        gaps = [
            {"area": area, "current": 1 + (self.began + n) % 3, "target": 4, "priority": 5 - n}
            for n, area in enumerate(Area)
        ]
        self._do("assess_needs", gaps=gaps, aims=MADE_UP)

    def approve(self) -> None:
        self.history.do("approve_partner", Role.PARTNERSHIP_MANAGER, id=self.partner_id)

    def decline(self) -> None:
        self.history.do(
            "decline_partner",
            Role.PARTNERSHIP_MANAGER,
            id=self.partner_id,
            reason="Sample data: no safe travel at present",
        )

    def rest(self) -> None:
        self._do("activate_partner")
        self._do("rest_partner", reason="Sample data: programme paused by the partner")

    def _do(self, name: str, **body: Any) -> None:
        self.history.do(name, Role.PARTNERSHIP_OFFICER, id=self.partner_id, **body)
