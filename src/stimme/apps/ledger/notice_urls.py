"""The addresses of notices, as part of those of the ledger."""

from django.urls import path

from stimme.apps.ledger import notice_views as views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/settings/", views.notice_settings_page, name="notice_settings"),
    path("notices/feed", views.renew_feed, name="renew_feed"),
    path("notices/off/<str:token>/", views.notices_off, name="notices_off"),
    path("feed/<str:token>.xml", views.feed, name="feed"),
]
