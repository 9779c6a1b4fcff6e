from django.urls import path

from stimme.apps.moderation import views

app_name = "moderation"
urlpatterns = [
    path("", views.log, name="log"),
    path("growth/", views.growth, name="growth"),
    path("causes/<slug:slug>/", views.cause, name="cause"),
    path("<slug:verb>/<slug:kind>/<int:pk>/", views.act, name="act"),
]
