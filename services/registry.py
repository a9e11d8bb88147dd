"""The services that there are."""

#: In the order in which facts flow; each lives in the package of its name.
SERVICES = (
    "partner",
    "contract",
    "consultancy",
    "faculty",
    "finance",
    "insight",
    "gateway",
)
