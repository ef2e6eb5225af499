from tests.factories.place import client, place
from tests.factories.site import client_of, measured, person, registered, store, upload
from tests.factories.world import world

__all__ = ["client", "client_of", "measured", "person", "place", "registered", "store", "upload", "world"]
