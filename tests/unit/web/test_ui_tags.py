import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from stimme.web.templatetags.ui import STATES, drawing, number, share, width


class Letter(forms.Form):
    text = forms.CharField(
        label="Text", help_text="Short.", widget=forms.Textarea, max_length=20, required=True
    )
    side = forms.ChoiceField(
        label="Side", help_text="One.", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect
    )
    sure = forms.BooleanField(label="Sure", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def rendered(template: str, **context: object) -> str:
    return Template("{% load ui %}" + template).render(Context(context))


def test_an_icon_is_inline_takes_the_colour_of_the_text_and_is_silent() -> None:
    html = rendered('{% icon "check" "big" %}')

    start = '<svg class="icon big" viewBox="0 0 24 24" aria-hidden="true">'
    assert html == start + '<path d="M20 6 9 17l-5-5" /></svg>'


def test_an_icon_that_is_not_vendored_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        drawing("unicorn")


def test_every_state_has_an_icon_and_a_word() -> None:
    for name, (_, label) in STATES.items():
        html = rendered("{% state name %}", name=name)
        assert ("<svg" in html, str(label) in html) == (True, True)


def test_a_field_is_tied_to_its_hint_error_and_limit() -> None:
    form = Letter({"text": "x" * 21, "side": "a"})

    html = rendered("{% field form.text %}", form=form)

    assert 'aria-describedby="id_text_helptext id_text_error id_text_limit"' in html
    assert 'aria-invalid="true"' in html
    assert [f'id="id_text_{part}"' in html for part in ("helptext", "error", "limit")] == [True] * 3


def test_radio_buttons_are_one_group_with_a_legend() -> None:
    html = rendered("{% field form.side %}", form=Letter({"text": "x"}))

    assert html.count("<fieldset") == html.count("</fieldset>") == html.count("<legend>") == 1
    assert 'aria-describedby="id_side_helptext id_side_error"' in html


def test_a_box_stands_before_its_label_and_a_hidden_field_alone() -> None:
    box = rendered("{% field form.sure %}", form=Letter())
    hidden = rendered("{% field form.token %}", form=Letter())

    assert box.index("<input") < box.index("<label")
    assert hidden.strip() == '<input type="hidden" name="token" id="id_token">'


def test_what_a_person_typed_is_escaped() -> None:
    form = Letter({"text": "<script>alert(1)</script>", "side": "<b>"})

    html = rendered("{% field form.text %}{% field form.side %}", form=form)

    assert ("<script" in html, "<b>" in html) == (False, False)


def test_numbers_are_grouped_by_a_space_that_does_not_break() -> None:
    found = [number(value) for value in (0, 7, 999, 1000, 7754, 1_234_567)]

    assert found == ["0", "7", "999", "1\u00a0000", "7\u00a0754", "1\u00a0234\u00a0567"]


def test_a_share_of_nothing_is_not_a_number() -> None:
    with translation.override("en"):
        assert [share(0, 0), share(1, 3)] == ["–", "33.3\u00a0%"]
    assert [width(0, 0), width(1, 3)] == ["0", "33.33%"]
