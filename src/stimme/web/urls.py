from django.urls import path

import stimme.apps.ballot.converters  # noqa: F401  registers <cid:…>, <link:…>
from stimme.web import (
    account_views,
    by_link,
    log_views,
    pages,
    robots,
    tally_views,
    views,
    voting_key_views,
)

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("receipt/<cid:cid>/", views.receipt, name="receipt"),
    path("receipt/<cid:cid>/rekey", voting_key_views.rekey, name="rekey"),
    path("tally/<cid:cid>", tally_views.tally, name="tally"),
    path("tally/<cid:cid>/live", tally_views.tally_live, name="tally_live"),
    path("account/voting-key/", voting_key_views.voting_key, name="voting_key"),
    path("account/leave/", account_views.leave, name="leave"),
    path("log/", log_views.log, name="log"),
    path("log/causes/<cid:cid>/", log_views.log_cause, name="log_cause"),
    path("log/find/", log_views.log_find, name="log_find"),
    path("verify/", pages.verify, name="verify"),
    path("robots.txt", robots.robots, name="robots"),
    path("how-we-count/", pages.how_we_count, name="how_we_count"),
    path("what-your-click-does/", pages.what_your_click_does, name="what_your_click_does"),
    path("by/<link:code>", by_link.by_link, name="by_link"),
]
