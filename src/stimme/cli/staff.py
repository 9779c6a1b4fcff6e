"""Who may moderate, and record responses and decisions; who of them may do more."""

import argparse

from stimme import keys
from stimme.cli.setup import open_instance


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["add", "remove", "list"])
    parser.add_argument("email", nargs="?", help="their address; they sign in by code or passkey")
    parser.add_argument("--annul", action="store_true", help="with add: they may also annul votes")
    parser.add_argument(
        "--correct", action="store_true", help="with add: they may also record corrections"
    )
    parser.add_argument(
        "--check", action="store_true", help="with add: they may also check sources"
    )


def run(options: argparse.Namespace) -> int:
    open_instance(keys.PAGES)
    from stimme.apps.accounts.models import User  # noqa: PLC0415
    from stimme.apps.accounts.services import dismiss_staff, make_staff  # noqa: PLC0415
    from stimme.apps.causes.checking import let_check  # noqa: PLC0415
    from stimme.apps.causes.corrections import let_correct  # noqa: PLC0415
    from stimme.apps.moderation.removing import let_annul  # noqa: PLC0415

    if options.what == "list":
        _list()
        return 0
    if not options.email or "@" not in options.email:
        print("stimme: name the e-mail address of the person")
        return 2
    change = make_staff if options.what == "add" else dismiss_staff
    try:
        user = change(email=options.email)
    except User.DoesNotExist:
        print(f"stimme: nobody here has the address {options.email}")
        return 1
    roles = {let_annul: options.annul, let_correct: options.correct, let_check: options.check}
    for let, wanted in roles.items():
        if wanted and user.is_staff:
            let(user=user)
    print(f"{user.email} {'belongs' if user.is_staff else 'no longer belongs'} to the staff.")
    return 0


def _list() -> None:
    from stimme.apps.accounts.models import User  # noqa: PLC0415
    from stimme.apps.causes.checking import may_check  # noqa: PLC0415
    from stimme.apps.causes.corrections import may_correct  # noqa: PLC0415
    from stimme.apps.moderation.removing import may_annul  # noqa: PLC0415

    roles = {
        "may annul votes": may_annul,
        "may correct causes": may_correct,
        "may check sources": may_check,
    }
    for user in User.objects.filter(is_staff=True).order_by("email"):
        own = ", ".join(role for role, has in roles.items() if has(user))
        print(f"{user.email} ({own})" if own else user.email)
