from django.urls import path

from stimme.apps.deliberation import views

app_name = "deliberation"
urlpatterns = [
    path("<slug:slug>/", views.reasons, name="reasons"),
    path("<slug:slug>/give/", views.give, name="give"),
    path("<slug:slug>/<int:number>/edit/", views.edit, name="edit"),
    path("<slug:slug>/<int:number>/withdraw/", views.withdraw, name="withdraw"),
    path("<slug:slug>/<int:number>/mark/", views.mark, name="mark"),
]
