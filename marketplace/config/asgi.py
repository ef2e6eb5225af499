"""The ASGI application: HTTP to Django, WebSockets to the consumers of monitoring and live."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import URLPattern

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings")
http = get_asgi_application()

# Consumers import models, so their routes load only once Django is set up: one import and one line an app.
from marketplace.config.bodies import BodyLimit  # noqa: E402
from marketplace.config.pieces import Pieces  # noqa: E402
from marketplace.config.sockets import OriginGuard  # noqa: E402
from marketplace.live import routing as live  # noqa: E402
from marketplace.monitoring import routing as monitoring  # noqa: E402

websocket_urlpatterns: list[URLPattern] = [
    *monitoring.websocket_urlpatterns,
    *live.websocket_urlpatterns,
]

application = ProtocolTypeRouter(
    {
        "http": BodyLimit(Pieces(http)),
        "websocket": OriginGuard(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
