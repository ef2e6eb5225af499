from tests.factories.site import client_of, measured, person, registered, store, upload

__all__ = ["client_of", "measured", "person", "registered", "store", "upload"]
