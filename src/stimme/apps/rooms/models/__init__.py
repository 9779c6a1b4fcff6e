from stimme.apps.rooms.models.member import Member
from stimme.apps.rooms.models.room import Room, Stage

__all__ = ["Member", "Room", "Stage"]
