"""The names by which the columns of files are recognised.

Each list is in order of preference: the first name that the file has is used. Names are compared without
case, spaces and punctuation. A precise name comes before a vague one, "written" before "changed", and an id
before a name.
"""

from collections.abc import Mapping
from types import MappingProxyType


def _known(names: dict[str, str]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({target: tuple(line.split(" | ")) for target, line in names.items()})


FEEDBACK_COLUMNS = _known(
    {
        "text": (
            "verbatim | text | review text | feedback text | comment text | message text | response text "
            "| full text | review body | review content | review description | ticket description | body "
            "| content | review | feedback | customer feedback | user feedback | comment | comments | "
            "customer comment | user comment | message | description | response | open ended response | "
            "answer | post | tweet | note"
        ),
        "written_at": (
            "written at | review submit millis since epoch | review submit date and time | submitted at | "
            "submit date | submitted date | date submitted | submission date | created at | created date "
            "| date created | created on | created time | create time | creation date | created | "
            "received at | posted at | sent at | published at | review date | review time | feedback date "
            "| comment date | timestamp | datetime | date and time | date | at | time | day | "
            "review last update millis since epoch | review last update date and time | "
            "last update date and time | updated at | last modified"
        ),
        "external_id": (
            "external id | review id | feedback id | comment id | message id | ticket id | response id | "
            "submission id | conversation id | issue id | case id | uuid | guid | id | key | issue key | "
            "number | ticket number | case number"
        ),
        "source": "source | channel | feed | origin | source name",
        "rating": (
            "rating | star rating | review rating | stars | score | overall | csat | satisfaction | nps score | nps"
        ),
        "app_version": (
            "app version | app version name | review created version | version name | client version | "
            "product version | software version | declared version | declared | version | release | "
            "app version code"
        ),
        "platform": "platform | os | operating system | os name | store | device type",
        "product": ("product | product name | app | app name | application | package name | bundle id | app id"),
        "title": "title | review title | subject | ticket subject | headline | summary | issue title",
        "url": "url | link | review link | review url | permalink | html url | page url | page | source url",
        "author": (
            "author id | customer id | user id | account id | author email | customer email | user email "
            "| requester email | email | email address | author | author name | customer | customer name "
            "| user | user name | reviewer | reviewer name | reviewer nickname | nickname | requester | "
            "submitter | respondent | sender | from | login | screen name | handle | name"
        ),
    }
)
"""Our name to the names it is recognised by, in files of feedback."""

RELEASE_COLUMNS = _known(
    {
        "version": (
            "version | release version | version name | version number | app version | tag name | tag | "
            "release | release name | name"
        ),
        "released_at": (
            "released at | release date | released on | released | date released | date | published at | "
            "published on | published | publish date | deployed at | deploy date | timestamp | datetime | "
            "created at | created | time | day"
        ),
        "product": ("product | product name | app | app name | application | package name | bundle id | app id"),
        "platform": "platform | os | operating system | store",
        "kind": "kind | type | release type | release kind | category",
        "notes": ("notes | release notes | changelog | changes | what is new | whats new | body | description | text"),
        "rollout": "rollout | rollout steps | rollout schedule | staged rollout | phased rollout | phased release",
        "rolled_back_at": (
            "rolled back at | rolled back on | rolled back | rollback at | rollback date | rollback | withdrawn at"
        ),
        "hotfix": "hotfix | is hotfix",
    }
)
"""Our name to the names it is recognised by, in release files."""
