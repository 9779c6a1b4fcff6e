from allauth.account.auth_backends import AuthenticationBackend

from stimme.apps.accounts.models import User

_ACCOUNT = f"SELECT * FROM {User._meta.db_table} WHERE id = %s"  # noqa: S608  our own table


class Backend(AuthenticationBackend):
    def get_user(self, user_id: int) -> User | None:
        """Look an account up in SQL: every page of somebody signed in does it."""
        user = next(iter(User.objects.raw(_ACCOUNT, [user_id])), None)
        return user if user and self.user_can_authenticate(user) else None
