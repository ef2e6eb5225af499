"""WebSocket routes."""

from django.urls import path

from marketplace.monitoring.consumers import AgentConsumer

websocket_urlpatterns = [path("ws/agent", AgentConsumer.as_asgi())]
