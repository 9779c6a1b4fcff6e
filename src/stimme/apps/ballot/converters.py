"""Path parts in their one spelling, so that views need not check them.

`<cid:…>` is a box's id, `<link:…>` the code of a voter's own link.
"""

from django.urls import register_converter


class CidConverter:
    # 16 bytes in base64url: the last character holds left-over bits, which must be zero.
    regex = "[A-Za-z0-9_-]{21}[AQgw]"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class LinkConverter(CidConverter):
    regex = "[A-Za-z0-9_-]{11}"


register_converter(CidConverter, "cid")
register_converter(LinkConverter, "link")
