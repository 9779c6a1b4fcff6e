"""The staff's own pages at /staff/: Django's admin, with our door and with few models.

A site of our own, not the default one: other packages register there what must not be
edited, such as passkeys. Nothing of the ballot is ever registered.
"""

from django.contrib import admin
from django.db.models import Model, URLField
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy as _

from stimme.apps.accounts.decorators import View, staff_required


class StaffSite(admin.AdminSite):
    site_title = site_header = index_title = _("Staff")
    enable_nav_sidebar = False

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002
        """Refuse at once who is not staff, instead of leading them to a second sign-in."""
        return staff_required(super().admin_view(view, cacheable))

    def login(
        self,
        request: HttpRequest,
        extra_context: dict[str, object] | None = None,  # noqa: ARG002  Django's signature
    ) -> HttpResponse:
        """There is one way to sign in, and it is not this page."""
        return staff_required(self.index)(request)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """There are no passwords, so no pages to change them."""
        return [url for url in super().get_urls() if "password" not in str(url.pattern)]


class ReadOnlyAdmin(admin.ModelAdmin):
    """Staff may look. What may be changed, a subclass says."""

    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return request.user.is_staff

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False


class EditableAdmin(ReadOnlyAdmin):
    """Staff may change the fields that are not read-only; never add or delete."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return request.user.is_staff


staff_site = StaffSite(name="admin")
