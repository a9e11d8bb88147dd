"""Names and e-mail addresses of persons, as they are stored and compared."""

from contextlib import suppress

from shared.errors import Invalid
from shared.names import clean, same


def name_of_person(written: str, field: str = "name") -> str:
    """The name as it was written, but for invisible characters and stray spaces. Raises Invalid."""
    name = clean(written)
    if not any(sign.isalpha() for sign in name):  # but digits, a date, a dash
        raise Invalid(
            f"{name[:40]!r} is not a name: it has no letter.",
            rule="name-has-letter",
            field=field,
            accepted="a name with at least one letter",
        )
    return name


def email_key(email: str) -> str:
    """An address as it is stored and compared: two spellings of one mailbox are one person.

    Case, width, invisible characters, typographic hyphens and apostrophes, and how the name of a
    domain is encoded do not count. What stands before the @ does, a tag after a plus sign too.
    """
    name, at, domain = same(email).rpartition("@")
    with suppress(UnicodeError):  # a name that no domain can have is compared as it stands
        domain = domain.encode("idna").decode("idna")
    return f"{name}{at}{domain}"
