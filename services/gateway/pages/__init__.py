"""Read-only pages for people; they ask through the same table of operations as the API."""

from services.gateway.pages.blueprint import add_pages
from services.gateway.pages.problems import problem_page, wants_page

__all__ = ["add_pages", "problem_page", "wants_page"]
