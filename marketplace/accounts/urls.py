from django.urls import path

from marketplace.accounts import api

urlpatterns = [
    path("auth/challenge", api.ChallengeView.as_view()),
    path("auth/session", api.SessionView.as_view()),
    path("auth/me", api.MeView.as_view()),
    path("auth/tokens", api.TokensView.as_view()),
    path("auth/tokens/<int:token_id>", api.TokenView.as_view()),
]
