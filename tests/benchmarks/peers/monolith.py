"""A plain Flask and SQLAlchemy application that looks after contracts, in one process.

    python -m tests.benchmarks.peers.monolith DATABASE PORT TOKEN

It answers the same three requests as the API with answers of the same shape, from one database, and
writes a row of an audit trail with each command. It has no events, no services to call, no stored
answers and no separate rules: what is left is what the web framework, the validation and the
database take. Served by the same server as the gateway.
"""

import eventlet

eventlet.monkey_patch()

import hashlib  # noqa: E402
import json  # noqa: E402
import sys  # noqa: E402
from datetime import UTC, date, datetime  # noqa: E402
from typing import Any  # noqa: E402
from uuid import UUID, uuid4  # noqa: E402

from eventlet import wsgi  # noqa: E402
from flask import Flask, Response, abort, g, request  # noqa: E402
from marshmallow import RAISE, Schema, ValidationError, fields, validate  # noqa: E402
from sqlalchemy import ForeignKey, String, create_engine, select, update  # noqa: E402
from sqlalchemy.dialects.postgresql import JSONB  # noqa: E402
from sqlalchemy.orm import (  # noqa: E402
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    relationship,
)

from tests.benchmarks.histories import PARTNERS  # noqa: E402

TYPES = ["mou", "affiliation", "statement_of_work", "amendment"]
SIDES = ["ours", "theirs"]


class Base(DeclarativeBase):
    type_annotation_map = {dict[str, Any]: JSONB, list[Any]: JSONB}


class Token(Base):
    __tablename__ = "token"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str]
    revoked_at: Mapped[datetime | None]


class Partner(Base):
    __tablename__ = "partner"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]


class Invoice(Base):
    __tablename__ = "invoice"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"), index=True)
    number: Mapped[str | None]
    state: Mapped[str]
    total: Mapped[dict[str, Any]]
    outstanding: Mapped[dict[str, Any]]
    due_on: Mapped[date | None]


class Contract(Base):
    __tablename__ = "contract"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    reference: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(index=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"), index=True)
    type: Mapped[str]
    title: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None] = mapped_column(index=True)
    owner_id: Mapped[str]
    created_at: Mapped[datetime]
    terms: Mapped[dict[str, Any]]
    signatories: Mapped[list[Any]]
    authors: Mapped[list[Any]]
    approvals: Mapped[list[Any]]
    partner: Mapped[Partner] = relationship(lazy="joined")
    invoices: Mapped[list[Invoice]] = relationship(order_by=Invoice.id)

    __mapper_args__ = {"version_id_col": version}


class Counter(Base):
    __tablename__ = "counter"
    prefix: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class Audit(Base):
    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[UUID] = mapped_column(index=True)
    type: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]


class Strict(Schema):
    class Meta:
        unknown = RAISE


class Money(Strict):
    amount = fields.String(required=True, validate=validate.Regexp(r"^\d+(\.\d+)?$"))
    currency = fields.String(required=True, validate=validate.Length(equal=3))


class Milestone(Strict):
    title = fields.String(required=True, validate=validate.Length(1, 300))
    type = fields.String(required=True)
    due_on = fields.Date(required=True)
    amount = fields.Nested(Money, load_default=None, allow_none=True)


class BudgetLine(Strict):
    role = fields.String(required=True, validate=validate.Length(1, 80))
    days = fields.Decimal(required=True, as_string=True)
    rate = fields.Nested(Money, required=True)


class PartyBody(Strict):
    name = fields.String(required=True, validate=validate.Length(1, 300))
    side = fields.String(required=True, validate=validate.OneOf(SIDES))


class Signatory(Strict):
    name = fields.String(required=True, validate=validate.Length(1, 200))
    email = fields.Email(required=True)
    side = fields.String(required=True, validate=validate.OneOf(SIDES))
    order = fields.Integer(load_default=1)


class Terms(Strict):
    value = fields.Nested(Money, load_default=None, allow_none=True)
    milestones = fields.List(fields.Nested(Milestone), load_default=())
    day_budget = fields.List(fields.Nested(BudgetLine), load_default=())
    expense_cap = fields.Nested(Money, load_default=None, allow_none=True)
    over_budget = fields.String(load_default="block")
    payment_days = fields.Integer(load_default=30)
    renewal = fields.String(load_default="fixed")
    notice_days = fields.Integer(load_default=90)
    purchase_order = fields.String(load_default=None, allow_none=True)
    governing_law = fields.String(load_default=None, allow_none=True)
    parent_id = fields.UUID(load_default=None, allow_none=True)
    parties = fields.List(fields.Nested(PartyBody), load_default=())


class Draft(Terms):
    partner_id = fields.UUID(required=True)
    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    title = fields.String(required=True, validate=validate.Length(1, 300))
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(load_default=None, allow_none=True)
    signatories = fields.List(fields.Nested(Signatory), load_default=())


class PartnerName(Schema):
    id = fields.UUID()
    reference = fields.String()
    name = fields.String()


class InvoiceLine(Schema):
    id = fields.UUID()
    number = fields.String()
    state = fields.String()
    total = fields.Raw()
    outstanding = fields.Raw()
    due_on = fields.Date()


class Summary(Schema):
    id = fields.UUID()
    reference = fields.String()
    version = fields.Integer()
    state = fields.String()
    partner_id = fields.UUID()
    partner = fields.Nested(PartnerName)
    type = fields.String()
    title = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date()
    value = fields.Raw(attribute="terms.value")
    owner_id = fields.String()
    created_at = fields.AwareDateTime(format="iso", default_timezone=UTC)
    origin = fields.Constant(None)
    awaits_confirmation = fields.Constant(False)
    not_stated = fields.Constant(())


class View(Summary):
    terms_version = fields.Constant(1)
    terms_sha256 = fields.Function(lambda shown: _fingerprint(shown.terms))
    milestones = fields.Raw(attribute="terms.milestones")
    day_budget = fields.Raw(attribute="terms.day_budget")
    expense_cap = fields.Raw(attribute="terms.expense_cap")
    over_budget = fields.String(attribute="terms.over_budget")
    payment_days = fields.Integer(attribute="terms.payment_days")
    renewal = fields.String(attribute="terms.renewal")
    notice_days = fields.Integer(attribute="terms.notice_days")
    purchase_order = fields.String(attribute="terms.purchase_order")
    governing_law = fields.String(attribute="terms.governing_law")
    parent_id = fields.String(attribute="terms.parent_id")
    parties = fields.Raw(attribute="terms.parties")
    invoices = fields.List(fields.Nested(InvoiceLine))
    signatories = fields.Raw()
    missing = fields.Constant(())
    authors = fields.Raw()
    needed_roles = fields.Constant(())
    open_roles = fields.Constant(())
    approvals = fields.Raw()
    approved_sha256 = fields.Constant(None)
    document_sha256 = fields.Constant(None)
    in_sequence = fields.Constant(None)
    sent_on = fields.Constant(None)
    signed_on = fields.Constant(None)
    released_at = fields.Constant(None)
    imported = fields.Constant(None)


draft, terms_out, summaries, view = Draft(), Terms(), Summary(many=True), View()


def application(database: str) -> Flask:
    app = Flask(__name__)
    engine = create_engine(database, pool_size=20)

    @app.before_request
    def let_in() -> None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        wanted = select(Token).where(Token.digest == _digest(secret), Token.revoked_at.is_(None))
        with Session(engine) as session:
            token = session.scalar(wanted)
        if scheme != "Bearer" or token is None or token.role != "administrator":
            abort(401)
        g.actor = str(token.id)

    @app.get("/api/v1/contracts/<uuid:id>")
    def get_contract(id: UUID) -> Response:
        with Session(engine) as session:
            contract = session.get(Contract, id) or abort(404)
            return _answer(view.dump(contract), contract.version)

    @app.get("/api/v1/contracts")
    def list_contracts() -> Response:
        limit = min(int(request.args.get("limit", 50)), 200)
        wanted = select(Contract).order_by(Contract.reference, Contract.id).limit(limit + 1)
        after = request.args.get("cursor")
        if after:
            wanted = wanted.where(Contract.reference > after)
        with Session(engine) as session:
            found = session.scalars(wanted).all()
            more = found[limit - 1].reference if len(found) > limit else None
            return _answer({"items": summaries.dump(found[:limit]), "next": more})

    @app.post("/api/v1/contracts")
    def draft_contract() -> Response:
        try:
            body = draft.load(request.get_json())
        except ValidationError as error:
            abort(422, str(error.messages))
        with Session(engine, expire_on_commit=False) as session, session.begin():
            partner = session.get(Partner, body["partner_id"]) or abort(422)
            contract = _drafted(session, body, partner, g.actor)
            session.add(contract)
            session.add(
                Audit(
                    contract_id=contract.id,
                    type="drafted",
                    actor=g.actor,
                    at=contract.created_at,
                    data={"reference": contract.reference, "terms": contract.terms},
                )
            )
            session.flush()
            answer = _answer(view.dump(contract), contract.version)
        answer.status_code = 201
        return answer

    return app


def _drafted(session: Session, body: dict[str, Any], partner: Partner, actor: str) -> Contract:
    last = session.scalar(
        update(Counter)
        .where(Counter.prefix == "CTR-2026")
        .values(last=Counter.last + 1)
        .returning(Counter.last)
    )
    body["parties"] = body["parties"] or [
        {"name": "Our university", "side": "ours"},
        {"name": partner.name, "side": "theirs"},
    ]
    terms = terms_out.dump({name: body[name] for name in terms_out.fields})
    decision = ("decided_on", "evidence", "reason", "fraction", "met_amount", "correction")
    undecided = {"state": "open"} | dict.fromkeys(decision)
    terms["milestones"] = [
        {"milestone_id": str(uuid4()), "billing": "not_billed", **undecided, **each}
        for each in terms["milestones"]
    ]
    unsigned = {"signed_on": None, "is_next": False}
    return Contract(
        id=uuid4(),
        reference=f"CTR-2026-{last:04}",
        state="draft",
        partner=partner,
        partner_id=partner.id,
        owner_id=actor,
        created_at=datetime.now(UTC),
        terms=terms,
        signatories=[{"id": str(uuid4()), **each, **unsigned} for each in body["signatories"]],
        authors=[actor],
        approvals=[],
        **{name: body[name] for name in ("type", "title", "starts_on", "ends_on")},
    )


def _answer(body: dict[str, Any], version: int | None = None) -> Response:
    content = json.dumps(body, ensure_ascii=False)
    response = Response(content, mimetype="application/json")
    if version is not None:
        response.set_etag(f"{version}-{hashlib.sha256(content.encode()).hexdigest()[:16]}")
    response.make_conditional(request)
    return response


def _fingerprint(terms: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(terms, sort_keys=True).encode()).hexdigest()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def make(database: str, secret: str) -> None:
    """Its tables, one partner, and one token that lets in."""
    engine = create_engine(database)
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add(Token(id=uuid4(), digest=_digest(secret), role="administrator"))
        session.add(Counter(prefix="CTR-2026", last=0))
        session.add(
            Partner(
                id=PARTNERS[0], reference="PTR-2026-0001", name="Partner university", state="active"
            )
        )
    engine.dispose()


def main(database: str, port: str, secret: str) -> None:
    make(database, secret)
    listening = eventlet.listen(("127.0.0.1", int(port)))
    print("ready", flush=True)
    wsgi.server(listening, application(database), log_output=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
