from django.contrib import admin

from stimme.apps.accounts.staff_site import EditableAdmin, ReadOnlyAdmin, staff_site
from stimme.apps.organisations.models import Decision, OfficialResponse, Organisation


@admin.register(Organisation, site=staff_site)
class OrganisationAdmin(EditableAdmin):
    """The kind and the website can be corrected; the name is bound by every cause's document."""

    fields = ["name", "slug", "kind", "website", "added_at"]
    readonly_fields = ["name", "slug", "added_at"]
    list_display = ["name", "kind", "website"]
    list_filter = ["kind"]
    search_fields = ["name"]


class RecordAdmin(ReadOnlyAdmin):
    """Recorded on the page of the cause, committed to in the log: here to be found only."""

    exclude = ["salt"]
    search_fields = ["cause__current__ask"]
    list_select_related = ["cause__current", "recorded_by"]


@admin.register(OfficialResponse, site=staff_site)
class OfficialResponseAdmin(RecordAdmin):
    list_display = ["cause", "published_on", "recorded_by"]


@admin.register(Decision, site=staff_site)
class DecisionAdmin(RecordAdmin):
    list_display = ["cause", "result", "decided_on", "recorded_by"]
