from django.db import models


class Link(models.Model):
    """One voter's own link to one cause, and how many first votes came through it.

    `code` is made from the voter's secret, as pseudonyms are: it leads to nobody.
    """

    code = models.CharField(max_length=11, unique=True)
    cid = models.CharField(max_length=22)
    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.code}: {self.number}"
