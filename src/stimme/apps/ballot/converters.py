"""The path part `<cid:…>`: a box's id in its one spelling, so that views need not check it."""

from django.urls import register_converter


class CidConverter:
    # 16 bytes in base64url: the last character holds left-over bits, which must be zero.
    regex = "[A-Za-z0-9_-]{21}[AQgw]"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CidConverter, "cid")
