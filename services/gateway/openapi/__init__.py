"""The OpenAPI 3.1 document, made from the operations that the services declared."""

from services.gateway.openapi.document import TAGS, document

__all__ = ["TAGS", "document"]
