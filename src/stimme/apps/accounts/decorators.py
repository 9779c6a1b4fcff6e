import time
from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import secure_admin_login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from stimme.apps.accounts.models import User

RECENTLY = 15 * 60  # seconds
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class SignedInRequest(HttpRequest):
    """What a view receives behind these decorators, for annotations."""

    user: User


def staff_required(view: View) -> View:
    """Strangers are asked to sign in, people who are not staff are refused (403)."""
    return secure_admin_login(view)


def recent_sign_in_required(view: View) -> View:
    """Before a change that outlives the session, let people sign in once more.

    Somebody who finds a browser signed in can vote, which is undone as easily; they can not
    add a door of their own, move the address, or erase the account.
    """

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if _signed_in_recently(request):
            return view(request, *args, **kwargs)
        query = urlencode({"next": request.path})
        return redirect(f"{reverse('account_reauthenticate')}?{query}")

    return cast("View", guarded)


def _signed_in_recently(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return any(time.time() - record["at"] < RECENTLY for record in records)
