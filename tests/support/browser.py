"""A real Chromium against a real `stimme serve`, for the tests marked `browser`."""
