from django.urls import path, register_converter

from stimme.apps.rooms import facilitator_views, views
from stimme.apps.rooms.codes import RoomCodeConverter

register_converter(RoomCodeConverter, "room")

app_name = "rooms"
urlpatterns = [
    path("", views.rooms, name="rooms"),
    path("open/", facilitator_views.open_, name="open"),
    path("<room:code>/", views.room, name="room"),
    path("<room:code>/join/", views.join, name="join"),
    path("<room:code>/vote/", views.vote, name="vote"),
    path("<room:code>/stage/", views.stage, name="stage"),
    path("<room:code>/run/", facilitator_views.run, name="run"),
    path("<room:code>/screen/", facilitator_views.screen, name="screen"),
    path("<room:code>/presence/", facilitator_views.presence, name="presence"),
    path("<room:code>/delete/", facilitator_views.delete, name="delete"),
]
