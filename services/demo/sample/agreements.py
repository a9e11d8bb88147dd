"""The contracts of the sample: made up, and so are all their figures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """A contract of the sample: days count from today, money is in major units."""

    partner: str
    title: str
    type: str
    starts: int
    ends: int
    state: str
    currency: str = "GBP"
    payments: tuple[tuple[str, int, str], ...] = ()  # title, due, amount
    budget: tuple[tuple[str, str, str], ...] = ()  # role, days, rate
    days: int = 0  # logged and approved of the first role, spread evenly
    met: int = 0  # payment milestones met
    paid: int = 0  # invoices paid; the others of those met are open
    payment_days: int = 30


AGREEMENTS = (
    Agreement(
        "Wadi Rahma University",
        "Curriculum and assessment partnership",
        "statement_of_work",
        -330,
        400,
        "active",
        payments=(
            ("Inception report", -250, "90000.00"),
            ("Assessment blueprint", -60, "120000.00"),
            ("Final review", 380, "60000.00"),
        ),
        budget=(("lead consultant", "24", "950.00"), ("educator", "10", "650.00")),
        days=20,
        met=2,
        paid=1,
        payment_days=30,
    ),
    Agreement(
        "Jabal Nour College of Medicine",
        "Examiner training",
        "statement_of_work",
        -200,
        165,
        "active",
        "JOD",
        payments=(("First cohort", -40, "18500.500"), ("Second cohort", 120, "18500.500")),
        budget=(("educator", "14", "420.000"),),
        days=10,
        met=1,
        paid=1,
    ),
    Agreement(
        "Volta Bay Teaching Hospital",
        "Simulation faculty development",
        "moa",
        -150,
        215,
        "active",
        payments=(("Simulation centre opened", 150, "15000.00"),),
        budget=(("educator", "20", "500.00"),),
        days=8,
    ),
    Agreement(
        "Larnaca Bay Medical University",
        "Quality assurance of clinical placements",
        "statement_of_work",
        -390,
        -20,
        "expired",
        "EUR",
        payments=(("Annual report", -45, "42000.00"),),
        budget=(("lead consultant", "10", "900.00"),),
        days=9,
        met=1,
        payment_days=14,
    ),
    Agreement(
        "Victoria Hills University",
        "Workshop series for clinical teachers",
        "statement_of_work",
        -300,
        -60,
        "completed",
        payments=(("Series delivered", -80, "24000.00"),),
        budget=(("educator", "10", "480.00"),),
        days=8,
        met=1,
        paid=1,
    ),
    Agreement(
        "Song Trang Medical University",
        "Student electives",
        "placement_agreement",
        30,
        760,
        "signed",
    ),
    Agreement(
        "Universidad Médica de Valle Claro",
        "Curriculum review",
        "statement_of_work",
        20,
        385,
        "out_for_signature",
        payments=(("Review delivered", 300, "38000.00"),),
        budget=(("lead consultant", "18", "900.00"),),
    ),
    Agreement(
        "Song Trang Medical University",
        "Policy advice",
        "statement_of_work",
        10,
        375,
        "approved",
        payments=(("Strategy delivered", 200, "8800.00"),),
    ),
    Agreement(
        "Northern Coast Health Directorate",
        "National licensing examination",
        "statement_of_work",
        40,
        800,
        "in_review",
        payments=(("Examination set up", 300, "240000.00"), ("First sitting", 700, "310000.00")),
        budget=(("lead consultant", "60", "950.00"), ("educator", "120", "600.00")),
    ),
    Agreement("Victoria Hills University", "Next workshop series", "mou", 30, 395, "draft"),
    Agreement(
        "Highland Children's Hospital Trust",
        "Exchange of registrars",
        "mou",
        -100,
        100,
        "cancelled",
    ),
)
