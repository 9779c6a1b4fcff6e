from django.urls import path

from . import views

urlpatterns = [path("causes/<int:cause>/vote/", views.vote)]
