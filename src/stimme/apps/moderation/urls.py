from django.urls import path

from stimme.apps.moderation import removal_views, report_views, views

app_name = "moderation"
urlpatterns = [
    path("", views.log, name="log"),
    path("growth/", views.growth, name="growth"),
    path("removals/", removal_views.removals, name="removals"),
    path("removals/<int:pk>/reinstate/", removal_views.reinstate, name="reinstate"),
    path("reports/", report_views.reports, name="reports"),
    path("reports/<int:pk>/dismiss/", report_views.dismiss, name="dismiss"),
    path("reasons/<slug:slug>/<int:number>/report/", report_views.report, name="report"),
    path("causes/<slug:slug>/", views.cause, name="cause"),
    path("causes/<slug:slug>/annul/", removal_views.annul, name="annul"),
    path("<slug:verb>/<slug:kind>/<int:pk>/", views.act, name="act"),
]
