"""Who may moderate, and record responses and decisions."""

import argparse

from stimme.cli.setup import open_instance


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["add", "remove", "list"])
    parser.add_argument("email", nargs="?", help="their address; they sign in by code or passkey")


def run(options: argparse.Namespace) -> int:
    open_instance()
    from stimme.apps.accounts.models import User  # noqa: PLC0415
    from stimme.apps.accounts.services import dismiss_staff, make_staff  # noqa: PLC0415

    if options.what == "list":
        for user in User.objects.filter(is_staff=True).order_by("email"):
            print(user.email)
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
    print(f"{user.email} {'belongs' if user.is_staff else 'no longer belongs'} to the staff.")
    return 0
