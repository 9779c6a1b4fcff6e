from django import forms
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from .models import Vote


class VoteForm(forms.ModelForm):
    class Meta:
        model = Vote
        fields = ["choice"]


@login_required
@require_POST
def vote(request: HttpRequest, cause: int) -> HttpResponse:
    """One account, one vote, which can be changed."""
    form = VoteForm(request.POST)
    if not form.is_valid():
        return JsonResponse(form.errors, status=400)
    with transaction.atomic():
        stored, new = Vote.objects.update_or_create(
            cause_id=cause, user=request.user, defaults=form.cleaned_data
        )
    return JsonResponse({"choice": stored.choice, "new": new})
