from tests.factories.operator import operated, operator
from tests.factories.place import client, place

__all__ = ["client", "operated", "operator", "place"]
