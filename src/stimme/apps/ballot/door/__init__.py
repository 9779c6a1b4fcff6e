"""The door: every vote passes here, many of them in one commit. Runs without Django's set-up."""
