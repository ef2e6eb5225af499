from tests.factories.place import client, place

__all__ = ["client", "place"]
