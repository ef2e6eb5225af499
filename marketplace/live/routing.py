"""WebSocket routes."""

from django.urls import path

from marketplace.live.consumers import HomeConsumer, JobConsumer

websocket_urlpatterns = [
    path("ws/jobs/<uuid:job>", JobConsumer.as_asgi()),
    path("ws/home", HomeConsumer.as_asgi()),
]
