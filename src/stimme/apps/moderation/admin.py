from django.contrib import admin

from stimme.apps.accounts.staff_site import ReadOnlyAdmin, staff_site
from stimme.apps.moderation.models import Action


@admin.register(Action, site=staff_site)
class ActionAdmin(ReadOnlyAdmin):
    list_display = ["at", "verb", "cause", "reason", "by"]
    list_filter = ["verb"]
    list_select_related = ["cause__current", "by"]
