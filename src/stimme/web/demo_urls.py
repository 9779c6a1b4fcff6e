from django.urls import path

from stimme.web import demo_views

urlpatterns = [path("", demo_views.sign_in, name="demo")]
