"""The demo's own page: sign in with one press. It exists only where STIMME_DEMO is set."""

from collections.abc import Callable

from allauth.account.internal.flows.login import record_authentication
from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from stimme.apps.accounts.models import User
from stimme.demo.roles import ROLES

_DESCRIPTIONS = {
    "voter": (
        _("A voter"),
        _("Has voted on some causes: look at the votes, change one, withdraw one."),
    ),
    "author": (
        _("The author of a cause"),
        _("Has started causes: reword one, close one, start another."),
    ),
    "staff": (
        _("A staff member"),
        _("Records answers and decisions, and hides texts with a public reason."),
    ),
}


class _SignInForm(forms.Form):
    role = forms.ChoiceField(choices=[(role, role) for role in ROLES])
    next = forms.CharField(required=False)


View = Callable[[HttpRequest], HttpResponse]


def _only_in_a_demo(view: View) -> View:
    """Answer 404 elsewhere, whatever the URLs say: this page opens accounts to everybody."""

    def guarded(request: HttpRequest) -> HttpResponse:
        if not settings.STIMME.demo:
            raise Http404
        return view(request)

    return guarded


@_only_in_a_demo
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    form = _SignInForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        roles = [(role, ROLES[role], *_DESCRIPTIONS[role]) for role in ROLES]
        context = {"roles": roles, "next": request.GET.get("next", "")}
        return render(request, "web/demo.html", context, status=400 if form.errors else 200)
    user = get_object_or_404(User, email=ROLES[form.cleaned_data["role"]])
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    record_authentication(request, user, method="demo")
    return redirect(_safe(request, form.cleaned_data["next"]))


def _safe(request: HttpRequest, url: str) -> str:
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(url, hosts, require_https=request.is_secure()):
        return url
    return "web:home"
