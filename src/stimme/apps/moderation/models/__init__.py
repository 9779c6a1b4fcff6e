from stimme.apps.moderation.models.action import Action, Verb
from stimme.apps.moderation.models.removal import Removal, packed

__all__ = ["Action", "Removal", "Verb", "packed"]
