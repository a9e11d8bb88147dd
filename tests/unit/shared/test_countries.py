"""Countries are known by the names that people give them; what could be two is refused."""

import subprocess
import sys

import pytest

from shared import country_names
from shared.countries import COUNTRIES, country_code, country_name
from shared.errors import Invalid

pytestmark = pytest.mark.row("P1")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *(("JO", "JO"), ("jo", "JO"), ("JOR", "JO"), (" Jordan ", "JO"), ("jord\u200ban", "JO")),
        *(("Ivory Coast", "CI"), ("CÔTE D’IVOIRE", "CI"), ("Czech Republic", "CZ")),
        *(("Burma", "MM"), ("Swaziland", "SZ"), ("South Korea", "KR"), ("Korea, Rep.", "KR")),
        *(("Korea (North)", "KP"), ("Hong Kong", "HK"), ("Taiwan", "TW"), ("Palestine", "PS")),
        *(("State of Palestine", "PS"), ("Kosovo", "XK"), ("The Gambia", "GM"), ("Zaire", "CD")),
        *(("Holland", "NL"), ("U.S.A.", "US"), ("UAE", "AE"), ("KSA", "SA"), ("UK", "GB")),
        *(("DR Congo", "CD"), ("Congo-Brazzaville", "CG"), ("Congo, Dem. Rep.", "CD")),
        *(("Democratic Republic of the Congo", "CD"), ("Republic of the Congo", "CG")),
        *(("Laos", "LA"), ("Russia", "RU"), ("Egypt (Arab Republic)", "EG"), ("Türkiye", "TR")),
        *(("England", "GB"), ("Northern Ireland", "GB"), ("Republic of Ireland", "IE")),
        *(("Bosnia & Herzegovina", "BA"), ("St. Lucia", "LC"), ("Niger", "NE"), ("Nigeria", "NG")),
        *(("England & Wales", "GB"), ("United States (USA)", "US"), ("Scotland, UK", "GB")),
        *(("Wales/Cymru", "GB"), ("Hong Kong, China", "HK"), ("Trinidad and Tobago", "TT")),
        *(("Elfenbeinküste", "CI"), ("Slovenská republika", "SK"), ("فلسطين", "PS")),
        *(("Bundesrepublik Deutschland", "DE"), ("République du Bénin", "BJ")),
        *(("Deutschland", "DE"), ("Österreich", "AT"), ("España", "ES"), ("中国", "CN")),
        *(
            ("الأردن", "JO"),
            ("Россия", "RU"),
            ("Česko", "CZ"),
            ("भारत", "IN"),
            ("საქართველო", "GE"),
        ),
    ],
)
def test_a_country_is_known_by_its_codes_and_its_names(written, code):
    assert country_code(written) == code


@pytest.mark.parametrize(
    ("written", "candidates"),
    [
        *(("Korea", "KP or KR"), ("Congo", "CD or CG"), ("Kongo", "CD or CG")),
        *(("corée", "KP or KR"), ("Czechoslovakia", "CZ or SK"), ("Virgin Islands", "VG or VI")),
        *(("St Martin", "MF or SX"), ("Georgia, USA", "GE or US"), ("Jersey (UK)", "GB or JE")),
    ],
)
def test_a_name_that_more_than_one_country_has_is_refused_with_them(written, candidates):
    with pytest.raises(Invalid) as refused:
        country_code(written)
    assert refused.value.accepted == candidates


@pytest.mark.parametrize(
    "written",
    ["400", "٤٠٠", "", " ", "XX", "ZZ", "EU", "Europe", "Atlantis", "SU", "J O", "London, UK"],
)
def test_what_is_no_country_is_refused(written):
    with pytest.raises(Invalid) as refused:
        country_code(written)
    assert refused.value.rule == "known-country"


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_every_country_is_known_by_its_usual_name(code):
    assert country_code(country_name(code)) == code


def test_the_kept_names_are_those_of_the_standards():
    """Written anew by ``python -m shared.country_names``."""
    assert country_names.kept() == country_names.collected()


def test_a_local_name_loads_no_library_of_languages():
    """It would stop the service for seconds."""
    script = (
        "import sys; from shared.countries import country_code; "
        "assert country_code('საქართველო') == 'GE'; assert 'babel.core' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
