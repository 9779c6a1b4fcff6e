from stimme.apps.accounts.models.account_secret import AccountSecret
from stimme.apps.accounts.models.bucket import Bucket
from stimme.apps.accounts.models.departed_mailbox import DepartedMailbox
from stimme.apps.accounts.models.erased_accounts import ErasedAccounts
from stimme.apps.accounts.models.growth import Growth
from stimme.apps.accounts.models.user import User

__all__ = ["AccountSecret", "Bucket", "DepartedMailbox", "ErasedAccounts", "Growth", "User"]
