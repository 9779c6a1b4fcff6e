"""Roles: what some of the staff may do besides; a permission each, named "<app>.<codename>"."""

from django.contrib.auth.models import Permission

from stimme.apps.accounts.models import User


def has_role(user: User, role: str) -> bool:
    """Whether this person of the staff also has the role."""
    return user.is_staff and user.has_perm(role)


def give_role(user: User, role: str) -> None:
    """Give it to somebody of the staff; it goes when they leave the staff."""
    label, codename = role.split(".")
    permission = Permission.objects.get(content_type__app_label=label, codename=codename)
    user.user_permissions.add(permission)
