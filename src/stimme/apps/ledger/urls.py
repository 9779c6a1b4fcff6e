from django.urls import path

from stimme.apps.ledger import views

app_name = "ledger"
urlpatterns = [path("", views.votes, name="votes")]
