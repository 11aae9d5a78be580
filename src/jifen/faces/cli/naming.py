"""How members and rows are named on the command line."""

from uuid import UUID

from jifen.faces.cli.errors import CommandError


def member_id(text: str) -> UUID:
    """The member whom ``kind:value`` names; without a kind it is an external id."""
    from jifen.members import selectors as members
    from jifen.members.types import IdentityValue, UnknownMember

    kind, colon, value = text.partition(":")
    if not colon or kind not in {"external", "phone", "email", "card", "wechat", "id"}:
        kind, value = "external", text
    if kind == "id":
        return members.member(uuid_of(value, "a member's id")).id
    identity = members.normalise(IdentityValue(kind, value))
    found = members.find([identity]).get(identity)
    if found is None:
        raise UnknownMember("no member of this programme has this identity", kind=kind)
    return found


def uuid_of(text: str, what: str) -> UUID:
    """``text`` as an id; ``what`` names it in the error, such as ``a member's id``."""
    try:
        return UUID(text)
    except ValueError:
        raise CommandError(f"{what} is a UUID") from None
