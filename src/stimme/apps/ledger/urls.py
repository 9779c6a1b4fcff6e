from django.urls import path

import stimme.apps.ballot.converters  # noqa: F401  registers <cid:…>
from stimme.apps.ledger import notice_urls, reconsider_views, sharing_views, views

app_name = "ledger"
urlpatterns = [
    path("", views.votes, name="votes"),
    path("export.json", views.export_json, name="export_json"),
    path("export.csv", views.export_csv, name="export_csv"),
    path("<int:year>/", views.year, name="year"),
    *notice_urls.urlpatterns,
    path("<cid:cid>/", views.vote, name="vote"),
    path("<cid:cid>/reconsider/", reconsider_views.reconsider, name="reconsider"),
    path("<cid:cid>/link", sharing_views.make_link, name="make_link"),
    path("<cid:cid>/card/", sharing_views.card, name="card"),
    path("<cid:cid>/card.svg", sharing_views.card_picture, name="card_picture"),
]
