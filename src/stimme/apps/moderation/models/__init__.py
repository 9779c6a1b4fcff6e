from stimme.apps.moderation.models.action import Action, Verb
from stimme.apps.moderation.models.removal import Reason, Removal, packed

__all__ = ["Action", "Reason", "Removal", "Verb", "packed"]
