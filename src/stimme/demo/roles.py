"""The accounts a visitor of the demo can be. Roles, not people: nobody is invented."""

ROLES = {
    "voter": "voter@demo.example",
    "author": "author@demo.example",
    "staff": "staff@demo.example",
}
MEMBERS = 40  # accounts that vote beside them
