from django.urls import path

from stimme.apps.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.account, name="account"),
]
