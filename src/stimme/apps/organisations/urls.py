from django.urls import path

from stimme.apps.organisations import staff_views, views

app_name = "organisations"
urlpatterns = [
    path("", views.organisation_list, name="list"),
    path("causes/<slug:slug>/respond/", staff_views.respond, name="respond"),
    path("causes/<slug:slug>/decide/", staff_views.decide, name="decide"),
    path("decisions/<int:pk>/commit/", staff_views.commit, name="commit"),
    path("commitments/<int:pk>/follow-up/", staff_views.follow_up, name="follow_up"),
    path("<slug:slug>/", views.organisation, name="organisation"),
    path("<slug:slug>/commitments/", views.commitments, name="commitments"),
]
