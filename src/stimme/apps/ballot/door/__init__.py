"""The door: every vote passes here, many of them in one commit. Runs without Django's set-up."""

PAGES = "STIMME_DOOR_PAGES"  # how the command line tells a worker where the pages are
