"""What the gateway takes and gives about tokens."""

from marshmallow import fields, validate

from shared.events.vocabulary import Role
from shared.schemas import Strict, View, one_of, text


class NewToken(Strict):
    name = text(200, required=True, metadata={"description": "Whose token this is, or what for"})
    roles = fields.List(
        one_of(Role),
        required=True,
        validate=validate.Length(1, len(Role)),
        metadata={"description": "What its holder may do: what any one of them permits"},
    )
    partner_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "The one partner that a partner_guest sees"},
    )


class TokenView(View):
    id = fields.UUID()
    version = fields.Integer()
    name = fields.String()
    roles = fields.List(one_of(Role))
    partner_id = fields.UUID(allow_none=True)
    issued_by = fields.String()
    issued_at = fields.AwareDateTime(format="iso")
    revoked_at = fields.AwareDateTime(format="iso", allow_none=True)


class IssuedToken(TokenView):
    secret = fields.String(metadata={"description": "Shown this once; it cannot be read again"})


class TokenFilter(Strict):
    role = one_of(Role, metadata={"description": "Among its roles"})
    revoked = fields.Boolean(metadata={"description": "true: revoked ones, false: valid ones"})
