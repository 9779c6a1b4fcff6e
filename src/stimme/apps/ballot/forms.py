from django import forms


class BallotForm(forms.Form):
    """The door for a vote: sizes are bounded here, meaning is checked by the ballot."""

    paper = forms.CharField(max_length=200)
    choice = forms.CharField(max_length=20)
