from django.contrib import admin

from stimme.apps.accounts.staff_site import ReadOnlyAdmin, staff_site
from stimme.apps.causes.models import Cause


@admin.register(Cause, site=staff_site)
class CauseAdmin(ReadOnlyAdmin):
    """To find causes; “View on site” leads to the page where staff can act."""

    exclude = ["search_text", "author"]
    list_display = ["__str__", "organisation", "state", "hidden", "provenance", "opened_at"]
    list_filter = ["state", "hidden", "provenance"]
    list_select_related = ["current", "organisation"]
    search_fields = ["search_text"]
    date_hierarchy = "opened_at"
