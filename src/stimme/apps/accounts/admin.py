from django.contrib import admin

from stimme.apps.accounts.models import User
from stimme.apps.accounts.staff_site import EditableAdmin, staff_site


@admin.register(User, site=staff_site)
class UserAdmin(EditableAdmin):
    """Staff can switch an account off. Levels are earned, and secrets are nobody's to see."""

    fields = ["email", "level_reached", "joined_on", "is_staff", "is_active"]
    readonly_fields = ["email", "level_reached", "joined_on", "is_staff"]
    list_display = ["email", "level_reached", "joined_on", "is_staff", "is_active"]
    list_filter = ["is_staff", "is_active", "level_reached"]
    search_fields = ["email"]
    ordering = ["-pk"]
