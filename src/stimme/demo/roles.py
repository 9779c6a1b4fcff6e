"""The accounts a visitor of the demo can be. Roles, not people: nobody is invented."""

DOMAIN = "demo.example"
ROLES = {
    "voter": f"voter@{DOMAIN}",
    "author": f"author@{DOMAIN}",
    "staff": f"staff@{DOMAIN}",
}
MEMBERS = 40  # accounts that vote beside them
