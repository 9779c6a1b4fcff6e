from stimme.apps.moderation.models.action import Action, Verb

__all__ = ["Action", "Verb"]
