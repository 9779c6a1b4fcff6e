from django import forms


class SearchForm(forms.Form):
    q = forms.CharField(max_length=200, required=False)

    def words(self) -> str:
        return self.cleaned_data.get("q", "") if self.is_valid() else ""
