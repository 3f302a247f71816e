"""What is so in a shop, and the questions it is asked because of it."""

from collections.abc import Collection
from typing import get_args

from pdd_audit.core.people import Right
from pdd_audit.core.questions import USUAL, Checklists, Circumstance
from pdd_audit.services.access import needs
from pdd_audit.services.overlay import checklists_of
from pdd_audit.services.workspace import Workspace


@needs(Right.LOOK)
def profile_of(workspace: Workspace, shop_id: str) -> frozenset[Circumstance]:
    """What the shop has said; empty as long as it has said nothing."""
    return workspace.state.profile(shop_id)


@needs(Right.DECIDE)
def save_profile(workspace: Workspace, shop_id: str, circumstances: Collection[Circumstance]) -> None:
    """These hold, no others. Answers to questions that are no longer asked are kept, and count again when the questions come back."""
    workspace.state.set_profile(shop_id, circumstances)


@needs(Right.LOOK)
def circumstances_of(workspace: Workspace, shop_id: str, profile: Collection[Circumstance] | None = None) -> list[Circumstance]:
    """What decides which questions the shop is asked, in the order of the choice: what it said, else what the usual shop is.
    ``profile``: another one than the stored one."""
    said = profile_of(workspace, shop_id) if profile is None else profile
    return [name for name in get_args(Circumstance) if name in (said or USUAL)]


@needs(Right.LOOK)
def questions_for(workspace: Workspace, shop_id: str, profile: Collection[Circumstance] | None = None) -> Checklists:
    """The checklists as this shop is asked them: with its own word on them, and only what concerns it. ``profile``: another one than
    the stored one."""
    return checklists_of(workspace, shop_id).for_shop(profile_of(workspace, shop_id) if profile is None else profile)


@needs(Right.LOOK)
def official_questions_for(workspace: Workspace, shop_id: str, profile: Collection[Circumstance] | None = None) -> Checklists:
    """The same questions as shipped, without the shop's own word on them."""
    return workspace.checklists.for_shop(profile_of(workspace, shop_id) if profile is None else profile)
