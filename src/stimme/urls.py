from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from stimme.apps.accounts.staff_site import staff_site
from stimme.web.language import language
from stimme.web.styleguide import styleguide

handler400 = "stimme.web.errors.bad_request"
handler403 = "stimme.web.errors.permission_denied"
handler404 = "stimme.web.errors.page_not_found"
handler500 = "stimme.web.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("stimme.web.urls")),
    path("", include("stimme.apps.ballot.urls")),
    path("causes/", include("stimme.apps.causes.urls")),
    path("organisations/", include("stimme.apps.organisations.urls")),
    path("votes/", include("stimme.apps.ledger.urls")),
    path("reasons/", include("stimme.apps.deliberation.urls")),
    path("rooms/", include("stimme.apps.rooms.urls")),
    path("moderation/", include("stimme.apps.moderation.urls")),
    path("account/", include("stimme.apps.accounts.urls")),
    path("account/", include("stimme.apps.accounts.sign_in_urls")),
    path("language/", language, name="set_language"),
    path("staff/", staff_site.urls),
]
if settings.STIMME.demo or settings.DEBUG:
    urlpatterns += [
        path("demo/", include("stimme.web.demo_urls")),
        path("styleguide/", styleguide, name="styleguide"),
    ]
