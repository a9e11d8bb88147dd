"""Who is signed in to the pages: sessions in the gateway's database, known by a cookie."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any

from flask import Request
from sqlalchemy import select, update
from werkzeug.wrappers import Response

from services.gateway.domain.policy import Policy
from services.gateway.domain.session import ANOTHER_LINK, Session, SignInCode
from services.gateway.domain.token import Token
from services.gateway.identity import by_secret
from services.gateway.secret import PREFIX
from services.gateway.store import TokenStore, sessions, sign_in_codes
from shared.errors import Unauthenticated
from shared.identifiers import new_id
from shared.work import Actor, Call, UnitOfWork, Work

COOKIE = "entente"
#: Over HTTPS: browsers take such a one from this very host alone, not from others of its domain.
COOKIE_OF_HOST = "__Host-entente"
#: Seconds for which it is not written down that a session was used once more.
SEEN = 60

#: Of sign-in codes, which people may have to type: neither I, L, O nor U (Crockford's base 32).
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE = str.maketrans("ILO", "110", " -")
_GROUPS, _GROUP = 5, 4


class Visits:
    """Signs people in to the pages and out of them.

    The pages take nothing but the cookie, and the API never takes it, so no other site can act
    through a browser over the API; forms are checked by `pages.entrance`.
    """

    def __init__(self, unit_of_work: UnitOfWork, key: str) -> None:
        """key: makes the digests under which sessions and codes are found, so that nobody who can
        write to the database alone can let themselves in.
        """
        self._unit_of_work = unit_of_work
        self._policy: Policy = unit_of_work.policy
        self._key = key.encode()
        self._tokens = TokenStore(unit_of_work.database)

    def token_of(self, secret: str, call: Call) -> Token:
        """The token that a person means by what they typed: its secret, or a sign-in code, which
        is used up. Raises Unauthenticated.
        """
        if secret.startswith(PREFIX):
            token = by_secret(self._tokens, secret)
        else:
            token = self._by_code(secret, call)
        if token is None:
            raise Unauthenticated(
                "This token is unknown or was revoked. Ask an administrator for a new one.",
                rule="token",
            )
        return token

    def _by_code(self, code: str, call: Call) -> Token | None:
        digest = self._digest("code", code.upper().translate(_ALIKE))

        def use(work: Work) -> Token | None:
            wanted = select(SignInCode).where(sign_in_codes.c.digest == digest)
            found: SignInCode | None = work.session.scalar(wanted)
            if found is None:
                raise Unauthenticated(
                    "This is neither an access token nor a sign-in code that is known here. Was "
                    f"all of it copied? {ANOTHER_LINK}",
                    rule="link-unknown",
                )
            found.use(at=work.now)
            return work.find(Token, found.token_id)

        token = self._unit_of_work.run(call, use)
        return None if token is None or token.is_revoked else token

    def new_code(self, secret: str, call: Call) -> tuple[str, int]:
        """A code that lets its holder in once as the bearer of a token, and for how many minutes.

        secret: the token's, so that nobody makes a code for a token that they do not hold. Raises
        Unauthenticated.
        """
        token = by_secret(self._tokens, secret)
        if token is None:
            raise Unauthenticated(
                "The owner's token was revoked. Make another: entente token create "
                '--role administrator --role partnership_manager --name "Your name"',
                rule="token",
            )
        letters = "".join(secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP))
        minutes = self._policy.sign_in_minutes
        token_id = token.id

        def keep(work: Work) -> None:
            work.session.execute(
                sign_in_codes.delete().where(sign_in_codes.c.ends_at < work.now - _DAY)
            )
            work.add(
                SignInCode(
                    id=new_id(),
                    digest=self._digest("code", letters),
                    token_id=token_id,
                    ends_at=work.now + timedelta(minutes=minutes),
                )
            )

        self._unit_of_work.run(call, keep)
        return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP)), minutes

    def begin(
        self, token: Token, request: Request, response: Response, correlation_id: str
    ) -> Response:
        """Sign somebody in. The session that the browser had before, if any, ends."""
        secret = secrets.token_urlsafe(32)
        digest, token_id, before = self._digest("session", secret), token.id, self._known(request)
        address = address_of(request)

        def keep(work: Work) -> None:
            _forget_old(work)
            if before is not None:
                work.get(Session, before.id).end(address=address, at=work.now)
            work.add(
                Session.begin(
                    digest=digest,
                    token_id=token_id,
                    address=address,
                    hours=self._policy.session_hours,
                    at=work.now,
                )
            )

        self._unit_of_work.run(_call(token_id, correlation_id), keep)
        response.set_cookie(
            _cookie_of(request),
            secret,
            max_age=self._policy.session_hours * 3600,
            **_flags(request),
        )
        return response

    def end(self, request: Request, response: Response, correlation_id: str) -> Response:
        """Sign out: the session ends here, whatever becomes of the cookie."""
        session = self._known(request)
        if session is not None:
            id, address = session.id, address_of(request)
            self._unit_of_work.run(
                _call(session.token_id, correlation_id),
                lambda work: work.get(Session, id).end(address=address, at=work.now),
            )
        response.delete_cookie(_cookie_of(request), **_flags(request))
        return response

    def token(self, request: Request) -> Token | None:
        """Whose visit this is; None for nobody, for a session that has ended or whose token was
        revoked. Raises Unavailable.
        """
        session = self._known(request)
        now = self._unit_of_work.clock.now()
        if session is None or not session.is_open(now, idle_minutes=self._policy.idle_minutes):
            return None
        token = self._tokens.by_id(session.token_id)
        if token is None or token.is_revoked:
            return None
        if now - session.seen_at > timedelta(seconds=SEEN):
            self._unit_of_work.run(
                _call(token.id, ""),
                lambda work: work.session.execute(
                    update(sessions).where(sessions.c.id == session.id).values(seen_at=now)
                ),
            )
        return token

    def _known(self, request: Request) -> Session | None:
        secret = session_secret(request)
        return self._tokens.session(self._digest("session", secret)) if secret else None

    def _digest(self, purpose: str, secret: str) -> str:
        content = f"{purpose} {secret}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, content, hashlib.sha256).hexdigest()


def session_secret(request: Request) -> str:
    """What a browser shows to be let in as somebody who has signed in; "": nothing."""
    return request.cookies.get(_cookie_of(request), "")


def _cookie_of(request: Request) -> str:
    return COOKIE_OF_HOST if request.is_secure else COOKIE


#: For so long it is still known that a session or a code has ended.
_DAY = timedelta(days=1)


def address_of(request: Request) -> str:
    """Where a request comes from, as audited."""
    return request.remote_addr or "unknown"


def _forget_old(work: Work) -> None:
    work.session.execute(sessions.delete().where(sessions.c.ends_at < work.now - _DAY))


def _call(token_id: Any, correlation_id: str) -> Call:
    actor = Actor(str(token_id), frozenset())
    return Call(actor=actor, correlation_id=correlation_id) if correlation_id else Call(actor=actor)


def _flags(request: Request) -> dict[str, Any]:
    return {"httponly": True, "samesite": "Strict", "secure": request.is_secure}
