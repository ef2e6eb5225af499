"""The ASGI application: HTTP to Django, WebSockets to the consumers of monitoring and live."""

import gc
import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django import setup
from django.urls import URLPattern

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings")
setup(set_prefix=False)

# URLs import all that answers requests, so that it is there to be frozen below.
# Consumers import models, so their routes load only once Django is set up: one import and one line an app.
from marketplace.config import urls  # noqa: E402, F401
from marketplace.config.bodies import BodyLimit, Site  # noqa: E402
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
        "http": BodyLimit(Pieces(Site())),
        "websocket": OriginGuard(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)

# What is loaded stays. Looking through it for garbage, time and again, halts every socket of the process for
# a tenth of a second.
gc.collect()
gc.freeze()
