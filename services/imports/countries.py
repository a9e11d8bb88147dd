"""Countries in files; which of them are none, the service that owns the record says."""

from shared import countries
from shared.countries import country_of_scheme
from shared.errors import Invalid

__all__ = ["country_code", "country_of_scheme"]


def country_code(told: str) -> str:
    """The two-letter code of a country's name or code; what cannot be told stays as it was."""
    try:
        return countries.country_code(told)
    except Invalid:
        return " ".join(told.split())
