from django.urls import path

import stimme.apps.ballot.converters  # noqa: F401  registers <cid:…>
from stimme.apps.causes import (
    briefing_views,
    checking_views,
    correction_views,
    drafting_views,
    views,
)

app_name = "causes"
urlpatterns = [
    path("", views.cause_list, name="list"),
    path("start/", drafting_views.step, {"name": "organisation"}, name="start"),
    path("start/preview/", drafting_views.preview, name="preview"),
    path("start/<slug:name>/", drafting_views.step, name="step"),
    path("documents/<cid:cid>.json", views.document, name="document"),
    path("<slug:slug>/", views.cause, name="cause"),
    path("<slug:slug>/briefing/", briefing_views.briefing, name="briefing"),
    path("<slug:slug>/affected/", briefing_views.affected, name="affected"),
    path("<slug:slug>/sources/<int:pk>/check/", checking_views.check, name="check_source"),
    path("<slug:slug>/how-voted.csv", briefing_views.how_voted_csv, name="how_voted"),
    path("<slug:slug>/versions/<int:number>/", views.version, name="version"),
    path("<slug:slug>/revise/", views.revise, name="revise"),
    path("<slug:slug>/close/", views.close, name="close"),
    path("<slug:slug>/correct/", correction_views.correct, name="correct"),
    path("<slug:slug>/corrections/<int:pk>/", correction_views.correction, name="correction"),
]
