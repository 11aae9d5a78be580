"""Rule sets: drafts that are written, versions that are published and never change."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

from django.http import HttpResponse
from dmr import Path, Query, ResponseSpec, modify, validate
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Meta, Struct
from msgspec.structs import asdict

from jifen.common import clock
from jifen.common.days import in_utc
from jifen.common.errors import InvalidInput
from jifen.earning import selectors as earning_selectors
from jifen.earning import services as earning
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.programmes import selectors as programmes
from jifen.programmes import services as programme_services
from jifen.programmes.rules.versions import statuses
from jifen.programmes.types import DraftInfo

MOST_LEVELS: Final = 32
"""How deep a document may be nested."""

DraftName = Annotated[
    str, Meta(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9_.:-]+$", description="Its name.")
]
Version = Annotated[int, Meta(ge=1, le=2**31 - 1, description="1 for the first.")]


class DraftPath(Struct, frozen=True):
    """The draft's name."""

    name: DraftName


class VersionPath(Struct, frozen=True):
    """The version's number."""

    version: Version


class PublicationAsked(Struct, frozen=True):
    """When the rules begin: for what occurs from ``starts_at`` on; without it, for whatever is
    booked from now on."""

    starts_at: answers.Moment | None = None


class RuleSets(ApiController):
    """The published versions."""

    tags = ("rule sets",)

    @modify(operation_id="listRuleSets")
    def get(self) -> answers.RuleSets:
        """List published versions, the newest first, with what became of each."""
        return answers.RuleSets(_heads())


class OneRuleSet(ApiController):
    """A published version."""

    tags = ("rule sets",)

    @modify(operation_id="getRuleSet")
    def get(self, parsed_path: Path[VersionPath]) -> answers.RuleSet:
        """Read a published version with its document."""
        info = programmes.rule_set(parsed_path.version)
        [head] = [each for each in _heads() if each.version == info.version]
        return answers.RuleSet(**asdict(head), document=info.document)


class RuleSetWithdrawal(ApiController):
    """Withdrawing a published version that has not begun."""

    tags = ("rule sets",)

    @modify(status_code=HTTPStatus.OK, operation_id="withdrawRuleSet")
    def post(self, parsed_path: Path[VersionPath]) -> answers.Withdrawn:
        """Let a version that has not begun never begin.

        Versions never change: the one in force is published again in its place, and so are others
        that are to come.
        """
        version = earning.withdraw(version=parsed_path.version, by=self.client.name, at=clock.now())
        return answers.Withdrawn(version)


class RuleSetSchema(ApiController):
    """What a document may hold."""

    tags = ("rule sets",)

    @modify(operation_id="getRuleSetSchema")
    def get(self) -> dict[str, Any]:
        """Read the JSON Schema of a rule set's document."""
        return earning_selectors.schema()


class Drafts(ApiController):
    """The drafts."""

    tags = ("rule sets",)

    @modify(operation_id="listDrafts")
    def get(self) -> answers.Drafts:
        """List drafts by name."""
        return answers.Drafts(
            [
                answers.DraftHead(info.name, info.updated_at, info.updated_by)
                for info in programmes.drafts()
            ]
        )


class OneDraft(ApiController):
    """A draft."""

    tags = ("rule sets",)

    @modify(operation_id="getDraft")
    def get(self, parsed_path: Path[DraftPath]) -> answers.Draft:
        """Read a draft."""
        return _draft(programmes.draft(parsed_path.name))

    @modify(operation_id="putDraft")
    def put(
        self, parsed_path: Path[DraftPath], parsed_body: BodyMsgspec[dict[str, Any]]
    ) -> answers.Draft:
        """Write a draft, replacing what it was.

        A draft may be unfinished: its document is checked when it is published.
        """
        check_depth(parsed_body)
        programme_services.save_draft(
            name=parsed_path.name, document=parsed_body, by=self.client.name, at=clock.now()
        )
        return _draft(programmes.draft(parsed_path.name))

    @validate(
        ResponseSpec(None, status_code=HTTPStatus.NO_CONTENT, description="Deleted."),
        operation_id="deleteDraft",
    )
    def delete(self, parsed_path: Path[DraftPath]) -> HttpResponse:
        """Delete a draft."""
        programme_services.drop_draft(name=parsed_path.name)
        return self.to_response(None, status_code=HTTPStatus.NO_CONTENT)


class DraftPublication(ApiController):
    """Publishing a draft."""

    tags = ("rule sets",)

    @modify(status_code=HTTPStatus.OK, operation_id="publishDraft")
    def post(
        self, parsed_path: Path[DraftPath], parsed_query: Query[PublicationAsked]
    ) -> answers.Published:
        """Check a draft and publish it as the version in force from now on, or from a start on.

        The document that is in force already keeps its version. While a version that has not begun
        would be in force no more, nothing is published: withdraw it first.
        """
        info, starts_at = programmes.draft(parsed_path.name), parsed_query.starts_at
        version = earning.publish(
            document=info.document,
            by=self.client.name,
            at=clock.now(),
            starts_at=starts_at and in_utc(starts_at),
        )
        return answers.Published(version)


def _heads() -> list[answers.RuleSetHead]:
    known = programmes.versions()
    became = statuses(known, clock.now())
    return [
        answers.RuleSetHead(
            each.version,
            each.published_at,
            each.published_by,
            each.starts_at,
            became[each.version],
        )
        for each in known
    ]


def _draft(info: DraftInfo) -> answers.Draft:
    return answers.Draft(info.name, info.updated_at, info.updated_by, info.document)


def check_depth(document: dict[str, Any]) -> None:
    """Raise for a document that is nested too deep."""
    # What reads the document later may recurse, so it may not be deeper than calls may be.
    level: list[Any] = [document]
    for _ in range(MOST_LEVELS):
        level = [
            part
            for value in level
            for part in (value.values() if isinstance(value, dict) else value)
            if isinstance(part, dict | list)
        ]
        if not level:
            return
    raise InvalidInput(f"the document is nested deeper than {MOST_LEVELS} levels", at="$")
