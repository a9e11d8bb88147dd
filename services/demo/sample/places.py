"""The partners of the sample."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A partner of the sample: published facts, and how far the made-up partnership went."""

    name: str
    country: str
    sector: str
    website: str | None
    state: str
    risk: str = "low"


PLACES = (
    Place("Newgiza University", "EG", "university", "https://www.ngu.edu.eg/", "active", "medium"),
    Place(
        "Jordan University of Science and Technology",
        "JO",
        "university",
        "http://www.just.edu.jo/",
        "active",
    ),
    Place("Korle Bu Teaching Hospital", "GH", "hospital", None, "active", "medium"),
    Place("University of Nicosia", "CY", "university", "http://www.unic.ac.cy/", "active"),
    Place("Makerere University", "UG", "university", "http://www.mak.ac.ug/", "active", "medium"),
    Place("Hanoi Medical University", "VN", "university", "http://www.hmu.edu.vn/", "active"),
    Place(
        "Universidad Peruana Cayetano Heredia",
        "PE",
        "university",
        "http://www.upch.edu.pe/",
        "approved",
    ),
    Place("Ministry of Health and Sanitation Sierra Leone", "SL", "government", None, "approved"),
    Place("CURE Ethiopia Children's Hospital", "ET", "charity", None, "dormant"),
    Place(
        "Ruprecht-Karls-Universität Heidelberg",
        "DE",
        "university",
        "http://www.uni-heidelberg.de/",
        "under_review",
    ),
    Place("Universidade de São Paulo", "BR", "university", "http://www.usp.br/", "under_review"),
    Place("General Dental Council", "GB", "regulator", None, "prospect"),
    Place(
        "Kabul Medical University", "AF", "university", "http://www.kmu.edu.af/", "declined", "high"
    ),
)
