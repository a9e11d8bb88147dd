"""The partners of the sample: made up, every one, so that nothing is said of a real one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A partner of the sample, and how far the partnership with it went."""

    name: str
    country: str
    sector: str
    state: str
    risk: str = "low"
    local_name: str | None = None


PLACES = (
    Place("Wadi Rahma University", "EG", "university", "active", "medium", "جامعة وادي رحمة"),
    Place("Jabal Nour College of Medicine", "JO", "university", "active"),
    Place("Volta Bay Teaching Hospital", "GH", "hospital", "active", "medium"),
    Place("Larnaca Bay Medical University", "CY", "university", "active"),
    Place("Victoria Hills University", "UG", "university", "active", "medium"),
    Place("Song Trang Medical University", "VN", "university", "active"),
    Place("Universidad Médica de Valle Claro", "PE", "university", "approved"),
    Place("Northern Coast Health Directorate", "SL", "government", "approved"),
    Place("Highland Children's Hospital Trust", "ET", "charity", "dormant"),
    Place("Medizinische Universität Mühlental", "DE", "university", "under_review"),
    Place("Faculdade de Medicina Santa Aurélia", "BR", "university", "under_review"),
    Place("Council for Dental Licensing", "GB", "regulator", "prospect"),
    Place("Granica Institute of Health Sciences", "GE", "university", "declined", "high"),
)
