from django.conf import settings
from django.http import HttpRequest

from stimme.config import Config


def instance(_request: HttpRequest) -> dict[str, Config | bool]:
    """Give every page the instance's own name, operator and contact."""
    return {"instance": settings.STIMME, "demo": settings.STIMME.demo}
