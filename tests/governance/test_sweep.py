"""Every door × every duty × own, sibling and foreign object, against the table below.

A door without a row fails. The table is written by hand from the house rules (design §5): outside
one's reach is 404, a wrong duty inside it 403, a stranger is sent to the login.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core import signing
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from governance.board.live import live_token
from governance.profiles import confirming
from governance.supervision import asking, intake, supporting
from governance.supervision.asking import Asking
from governance.supervision.models import SupportAsk
from governance.voices import answering, doorplates
from governance.voices.models import Doorplate, Voice
from governance.voices.saying import Saying, say
from reports import admission, calendar, filing, obligations, photos, review, sheets
from reports.catalogue import HOUSEHOLD_REPORT, publish_all
from reports.exports import order
from reports.exports.order import FileKind, Order, Purpose
from reports.models import Export, Filing, Period, Report, ReportForm, Workbook
from reports.workbooks import storing
from tests import factories as f
from tests.governance import profiles
from tests.reports import office_workbooks, pictures
from tests.reports.uppers import JUDGED
from units import groups, saved_links
from units.kinds import Duty
from units.models import Community, Device, Place, Post, User

pytestmark = pytest.mark.django_db

ROLES = ("anonymous", "seat", "worker", "staff", "street")
OBJECTS = ("own", "sibling", "foreign")
# What these doors are about is nobody's own.
ALIKE = ("nothing", "token", "version", "admission", "files", "desk", "address", "census token")

# door → method, what it is about, and for each role the answers for own, sibling, foreign.
LOGIN = "302 302 302"
TABLE = {
    "home": ("GET", "nothing", "200", "302", "302", "302", "302"),
    "healthz": ("GET", "nothing", "503", "503", "503", "503", "503"),
    "login": ("GET", "nothing", "200", "302", "302", "302", "302"),
    "logout": ("POST", "nothing", "302", "302", "302", "302", "302"),
    "language": ("POST", "nothing", "302", "302", "302", "302", "302"),
    "enter": ("GET", "nothing", "200", "200", "200", "200", "200"),
    "pin": ("GET", "nothing", "302", "302", "302", "302", "302"),
    "bound": ("GET", "nothing", "302", "200", "200", "200", "200"),
    "devices": ("GET", "nothing", "302", "200", "200", "200", "200"),
    # Nobody has just shown a password, so everybody is sent to the login.
    "second-step": ("GET", "nothing", "302", "302", "302", "302", "302"),
    "second-step-setup": ("GET", "nothing", "302", "404", "200", "200", "200"),
    "device-revocation": (
        *("POST", "device", LOGIN, "302 404 404", "302 404 404", "302 404 404", "302 404 404"),
    ),
    "cards": (
        *("GET", "community", LOGIN, "403 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "second-steps": (
        *("GET", "community", LOGIN, "403 404 404", "403 404 404", "403 404 404", "403 403 404"),
    ),
    "second-step-reset": (
        *("POST", "colleague", LOGIN, "403 404 404", "403 404 404", "403 404 404", "403 403 404"),
    ),
    "live": ("GET", "token", "200", "200", "200", "200", "200"),
    "live-who": ("GET", "nothing", "302", "204", "204", "204", "204"),
    # Invented things, where the house is built or shown; nowhere else.
    "parts": ("GET", "nothing", "200", "200", "200", "200", "200"),
    "measures": ("GET", "nothing", "302", "200", "200", "200", "200"),
    "figure": (
        *("GET", "figure", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    "sheet": ("GET", "sheet", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    "group-home": ("GET", "nothing", "302", "302", "200", "200", "200"),
    # The shell and its parts know nobody.
    "shell": ("GET", "nothing", "200", "200", "200", "200", "200"),
    "shell-part": ("GET", "version", "200", "200", "200", "200", "200"),
    "service-worker": ("GET", "nothing", "200", "200", "200", "200", "200"),
    "api-whoami": ("GET", "nothing", "401", "200", "200", "200", "200"),
    "api-pack": ("GET", "nothing", "401", "200", "200", "200", "200"),
    # What is asked of the grass roots everybody may read; staff propose. Nobody here decides: a
    # field is asked everywhere, and the officer's street is not everywhere.
    "admissions": ("GET", "nothing", "302", "200", "200", "200", "200"),
    "burden": ("GET", "nothing", "302", "200", "200", "200", "200"),
    "admission-proposal": ("POST", "nothing", "302", "403", "403", "422", "403"),
    "admission": ("GET", "admission", "302", "200", "200", "200", "200"),
    "admission-agreement": ("POST", "admission", "302", "403", "403", "403", "403"),
    "admission-refusal": ("POST", "admission", "302", "403", "403", "403", "403"),
    "admission-withdrawal": ("POST", "admission", "302", "403", "403", "403", "403"),
    "admission-end": ("POST", "admission", "302", "403", "403", "403", "403"),
    "api-obligations": ("GET", "nothing", "401", "200", "200", "200", "200"),
    "api-places": ("GET", "nothing", "401", "200", "200", "200", "200"),
    "api-summaries": ("GET", "nothing", "401", "400", "400", "400", "400"),
    "api-devices": ("GET", "nothing", "401", "200", "200", "200", "200"),
    "api-schema": ("GET", "nothing", "401", "200", "200", "200", "200"),
    "api-page": ("GET", "nothing", "401", "200", "200", "200", "200"),
    "api-filing-batch": ("POST", "nothing", "401", "415", "415", "415", "415"),
    # Everybody has their own devices: the sibling's is never theirs.
    "api-device-revocation": (
        *("POST", "device", "401 401 401", "204 404 404", "204 404 404", "204 404 404"),
        "204 404 404",
    ),
    # The phone's page of a door; at a desk it is the page of the place.
    "household": (
        *("GET", "door", LOGIN, "200 404 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    "household-form": (
        *("POST", "door", LOGIN, "422 404 404", "422 404 404", "422 422 404", "404 404 404"),
    ),
    "event-amendment": (
        *("GET", "event", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    "event-withdrawal": (
        *("POST", "event", LOGIN, "302 404 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    # Who has a seat tells what was seen; the committee answers it.
    "matter": (
        *("GET", "building", LOGIN, "200 404 404", "404 404 404", "404 404 404", "404 404 404"),
    ),
    "matter-form": (
        *("POST", "matter form", LOGIN, "302 404 404", "404 404 404", "404 404 404"),
        "404 404 404",
    ),
    "matter-amendment": (
        *("GET", "matter", LOGIN, "200 404 404", "403 404 404", "403 403 404", "404 404 404"),
    ),
    "matter-withdrawal": (
        *("POST", "matter", LOGIN, "302 404 404", "403 404 404", "403 403 404", "404 404 404"),
    ),
    "matters": (
        *("GET", "community", LOGIN, "403 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "group-board": (
        *("GET", "building", LOGIN, "200 404 404", "404 404 404", "404 404 404", "404 404 404"),
    ),
    "group-wall": (
        *("GET", "building", LOGIN, "200 404 404", "404 404 404", "404 404 404", "404 404 404"),
    ),
    "building-board": (
        *("GET", "building", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    # The committee's own: of a block worker the part that is theirs.
    "workbench": (
        *("GET", "community", LOGIN, "404 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "workbench-decisions": (
        *("POST", "chosen", LOGIN, "404 404 404", "302 404 404", "302 404 404", "404 404 404"),
    ),
    "workbench-undoing": (
        *("POST", "pressed", LOGIN, "404 404 404", "302 404 404", "302 404 404", "404 404 404"),
    ),
    "workbench-live": ("GET", "desk", "200", "200", "200", "200", "200"),
    # Only an address, kept by who has an account; the sibling's is of somebody else.
    "saved-links": ("POST", "address", "302", "302", "302", "302", "302"),
    "saved-link-removal": (
        *("POST", "saved", LOGIN, "302 404 404", "302 404 404", "302 404 404", "302 404 404"),
    ),
    "place": ("GET", "door", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    # To where one's reach begins; the street's is the community itself.
    "places": (
        *("GET", "community", LOGIN, "302 404 404", "302 404 404", "302 404 404", "302 302 404"),
    ),
    # Somebody who sits in a building: the sibling's is of another building.
    "person": ("GET", "holder", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    "search": ("GET", "nothing", "302", "200", "200", "200", "200"),
    "search-suggestions": ("GET", "nothing", "302", "200", "200", "200", "200"),
    "community-board": (
        *("GET", "community", LOGIN, "200 404 404", "200 404 404", "200 404 404", "200 200 404"),
    ),
    "community-wall": (
        *("GET", "community", LOGIN, "200 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "filing-matrix": (
        *("GET", "community", LOGIN, "200 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "filing-matrix-file": (
        *("POST", "community", LOGIN, "422 404 404", "422 404 404", "422 404 404", "404 404 404"),
    ),
    "street-board": (
        "GET",
        "street",
        LOGIN,
        "404 404 404",
        "404 404 404",
        "404 404 404",
        "200 200 404",
    ),
    "group-list": (
        *("GET", "community", LOGIN, "200 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "chain": (
        *("GET", "community", LOGIN, "403 404 404", "200 404 404", "200 404 404", "403 403 404"),
    ),
    "group-card": (
        *("GET", "community", LOGIN, "200 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "appointments": (
        *("GET", "community", LOGIN, "403 404 404", "403 404 404", "403 404 404", "404 404 404"),
    ),
    "appointments-undo": (
        *("POST", "batch", LOGIN, "403 404 404", "403 404 404", "403 404 404", "404 404 404"),
    ),
    # Of the director alone (test_shaping_pages); the street has no business below blocks.
    "shape": (
        "GET",
        "community",
        LOGIN,
        "403 404 404",
        "403 404 404",
        "403 404 404",
        "404 404 404",
    ),
    "shape-changes": (
        *("GET", "community", LOGIN, "403 404 404", "403 404 404", "403 404 404", "404 404 404"),
    ),
    "shape-undoing": (
        *("POST", "batch", LOGIN, "403 404 404", "403 404 404", "403 404 404", "404 404 404"),
    ),
    "shape-step": (
        *("POST", "shaped", LOGIN, "403 404 404", "403 404 404", "403 403 404", "404 404 404"),
    ),
    "branches": (
        *("GET", "community", LOGIN, "403 404 404", "403 404 404", "200 404 404", "404 404 404"),
    ),
    "branch-secretary": (
        *("GET", "branch", LOGIN, "403 404 404", "403 404 404", "403 404 404", "404 404 404"),
    ),
    "branch-secretary-undoing": (
        *("POST", "batch", LOGIN, "403 404 404", "403 404 404", "403 404 404", "404 404 404"),
    ),
    "handover": (
        *("GET", "building", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    "seat-end": ("POST", "post", LOGIN, "403 404 404", "403 404 404", "403 403 404", "404 404 404"),
    "report-detail": (
        *("GET", "report", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    "nil-report": (
        "POST",
        "report",
        LOGIN,
        "302 404 404",
        "403 404 404",
        "403 403 404",
        "404 404 404",
    ),
    "report-form": (
        "POST",
        "report",
        LOGIN,
        "422 404 404",
        "403 404 404",
        "403 403 404",
        "404 404 404",
    ),
    "withdrawal": (
        "POST",
        "report",
        LOGIN,
        "409 404 404",
        "409 404 404",
        "409 409 404",
        "404 404 404",
    ),
    "on-behalf": (
        "POST",
        "report",
        LOGIN,
        "403 404 404",
        "302 404 404",
        "302 302 404",
        "404 404 404",
    ),
    "excuse": ("POST", "report", LOGIN, "403 404 404", "302 404 404", "302 302 404", "404 404 404"),
    # Nobody excuses, waives or reviews what is their own; for a worker, buildings of the own block.
    "excuse-ending": (
        *("POST", "report", LOGIN, "403 404 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    "waiver": ("POST", "report", LOGIN, "403 404 404", "302 404 404", "302 302 404", "404 404 404"),
    "waiver-ending": (
        *("POST", "report", LOGIN, "403 404 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    "unlocking": (
        *("POST", "report", LOGIN, "403 404 404", "409 404 404", "409 409 404", "404 404 404"),
    ),
    "review-queue": (
        *("GET", "community", LOGIN, "403 404 404", "200 404 404", "200 404 404", "403 403 404"),
    ),
    "late-reports": (
        *("GET", "community", LOGIN, "403 404 404", "200 404 404", "200 404 404", "403 403 404"),
    ),
    # The street sees that there are communities, and none of their buildings' reports.
    "review-acceptance": (
        *("POST", "seen", LOGIN, "403 403 404", "302 404 404", "302 302 404", "403 403 404"),
    ),
    "review-returning": (
        *("POST", "seen", LOGIN, "403 403 404", "302 404 404", "302 302 404", "403 403 404"),
    ),
    "review-undoing": (
        *("POST", "decided", LOGIN, "403 403 404", "302 404 404", "302 302 404", "403 403 404"),
    ),
    "street-review": (
        *("GET", "street", LOGIN, "404 404 404", "404 404 404", "404 404 404", "200 200 404"),
    ),
    "street-acceptance": (
        *("POST", "monthly", LOGIN, "404 404 404", "404 404 404", "404 404 404", "302 302 404"),
    ),
    "street-returning": (
        *("POST", "monthly", LOGIN, "404 404 404", "404 404 404", "404 404 404", "302 302 404"),
    ),
    "street-undoing": (
        *("POST", "settled", LOGIN, "404 404 404", "404 404 404", "404 404 404", "302 302 404"),
    ),
    "calendar": ("GET", "nothing", "302", "403", "200", "200", "200"),
    "calendar-days": ("POST", "nothing", "302", "403", "403", "403", "422"),
    "calendar-removal": ("POST", "day", LOGIN, *["403 403 403"] * 3, "302 302 302"),
    "calendar-rhythm": (
        *("POST", "rhythm", LOGIN, "404 404 404", "404 404 404", "404 404 404", "302 302 404"),
    ),
    "receipt": ("GET", "filing", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    # Of blocks and communities: the street reads what communities submit, and nothing of blocks.
    "upper-list": (
        *("GET", "community", LOGIN, "404 404 404", "200 404 404", "200 404 404", "200 200 404"),
    ),
    "upper-report": (
        *("GET", "block", LOGIN, "404 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    "upper-form": (
        *("POST", "block", LOGIN, "404 404 404", "422 404 404", "422 422 404", "404 404 404"),
    ),
    "upper-withdrawal": (
        *("POST", "block", LOGIN, "404 404 404", "409 404 404", "409 409 404", "404 404 404"),
    ),
    "upper-refresh": (
        *("POST", "block", LOGIN, "404 404 404", "409 404 404", "409 409 404", "404 404 404"),
    ),
    "sheet-table": (
        *("GET", "sheet", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    "exports": (
        *("POST", "order", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    "downloads": ("GET", "nothing", "302", "200", "200", "200", "200"),
    "downloads-live": ("GET", "files", "200", "200", "200", "200", "200"),
    # A file is its owner's: the sibling's is of the same places and somebody else's.
    "download": (
        *("GET", "file", LOGIN, "200 404 404", "200 404 404", "200 404 404", "200 404 404"),
    ),
    "download-file": (
        *("GET", "file", LOGIN, "200 404 404", "200 404 404", "200 404 404", "200 404 404"),
    ),
    "download-attempt": (
        *("POST", "file", LOGIN, "302 404 404", "302 404 404", "302 404 404", "302 404 404"),
    ),
    # Of a community, but the street's own is the street's.
    "workbooks": ("GET", "nothing", "302", "404", "404", "200", "200"),
    "workbook": (
        *("GET", "workbook", LOGIN, "404 404 404", "404 404 404", "200 404 404", "200 404 404"),
    ),
    "workbook-cell": (
        *("POST", "workbook", LOGIN, "404 404 404", "404 404 404", "302 404 404", "302 404 404"),
    ),
    "workbook-suggestions": (
        *("POST", "workbook", LOGIN, "404 404 404", "404 404 404", "302 404 404", "302 404 404"),
    ),
    "workbook-filling": (
        *("POST", "workbook", LOGIN, "404 404 404", "404 404 404", "422 404 404", "422 404 404"),
    ),
    "workbook-removal": (
        *("POST", "workbook", LOGIN, "404 404 404", "404 404 404", "302 404 404", "302 404 404"),
    ),
    # A census is of a whole community: for its staff and its director.
    "census-imports": (
        *("GET", "community", LOGIN, "403 404 404", "403 404 404", "200 404 404", "404 404 404"),
    ),
    "census-template": (
        *("GET", "community", LOGIN, "403 404 404", "403 404 404", "200 404 404", "404 404 404"),
    ),
    "census-import": (
        *("GET", "census", LOGIN, "404 404 404", "404 404 404", "200 404 404", "404 404 404"),
    ),
    "census-columns": (
        *("GET", "census", LOGIN, "404 404 404", "404 404 404", "200 404 404", "404 404 404"),
    ),
    "census-fixes": (
        *("POST", "census", LOGIN, "404 404 404", "404 404 404", "302 404 404", "404 404 404"),
    ),
    "census-errors": (
        *("GET", "census", LOGIN, "404 404 404", "404 404 404", "200 404 404", "404 404 404"),
    ),
    "census-start": (
        *("POST", "census", LOGIN, "404 404 404", "404 404 404", "302 404 404", "404 404 404"),
    ),
    # Nothing to undo yet.
    "census-undo": (
        *("POST", "census", LOGIN, "404 404 404", "404 404 404", "409 404 404", "404 404 404"),
    ),
    "census-removal": (
        *("POST", "census", LOGIN, "404 404 404", "404 404 404", "302 404 404", "404 404 404"),
    ),
    "census-live": ("GET", "census token", "200", "200", "200", "200", "200"),
    # Any photo is added by who filed, so the worker and the staff are refused in their own reach.
    "api-photo": (
        *("PUT", "photo", "401 401 401", "403 404 404", "403 404 404", "403 403 404"),
        "404 404 404",
    ),
    "photo": (
        *("GET", "picture", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    # Who filed, and the committee with a reason.
    "photo-removal": (
        *("POST", "picture", LOGIN, "403 404 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    "photo-form": (
        *("POST", "filing", LOGIN, "403 404 404", "403 404 404", "403 403 404", "404 404 404"),
    ),
    "replies": (
        *("POST", "reply", LOGIN, "403 404 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    "group-replies": (
        *("GET", "building", LOGIN, "200 404 404", "404 404 404", "404 404 404", "404 404 404"),
    ),
    "paper": ("GET", "paper", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    # What residents say: anybody may speak at any stairwell, and ask by a number.
    "stairwell": ("GET", "stairwell", *["200 200 200"] * 5),
    "voice-receipt": ("GET", "nothing", "200", "200", "200", "200", "200"),
    "diagnosis": ("GET", "nothing", "200", "200", "200", "200", "200"),
    # The group reads what was shown to it, on its own page; the street nothing.
    "voices": (
        *("GET", "community", LOGIN, "403 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "voice": ("GET", "voice", LOGIN, "404 404 404", "200 404 404", "200 200 404", "404 404 404"),
    "voice-acceptance": (
        *("POST", "voice", LOGIN, "404 404 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    "voice-closure": (
        *("POST", "voice", LOGIN, "404 404 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    "group-voices": (
        *("GET", "building", LOGIN, "200 404 404", "404 404 404", "404 404 404", "404 404 404"),
    ),
    "doorplates": (
        *("GET", "community", LOGIN, "403 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "doorplate-sheets": (
        *("GET", "community", LOGIN, "403 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "doorplate-replacement": (
        *("POST", "plate", LOGIN, "404 404 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    # The profile: the street reads what it comes to, a group its own building; staff write.
    "community-profile": (
        *("GET", "community", LOGIN, "403 404 404", "200 404 404", "200 404 404", "200 200 404"),
    ),
    "building-profiles": (
        *("GET", "community", LOGIN, "403 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "parking-need": (
        *("GET", "community", LOGIN, "403 404 404", "403 404 404", "200 404 404", "404 404 404"),
    ),
    "building-profile": (
        *("GET", "building", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    "facility-addition": (
        *("GET", "community", LOGIN, "403 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "facility": (
        *("GET", "facility", LOGIN, "403 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    "facility-inspection": (
        *("POST", "facility", LOGIN, "403 404 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    "facility-removal": (
        *("POST", "facility", LOGIN, "403 404 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    "defects": (
        *("GET", "community", LOGIN, "403 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    # Of a building's report, asked of its community.
    "defect-confirmation": (
        *("POST", "defect", LOGIN, "403 403 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    "defect-setting-aside": (
        *("POST", "defect", LOGIN, "403 403 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    "defect-undoing": (
        *("POST", "undo", LOGIN, "403 403 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    # Between the street and its committees; a block's worker answers for neither.
    "street-trends": (
        *("GET", "street", LOGIN, "404 404 404", "404 404 404", "404 404 404", "200 200 404"),
    ),
    "street-screen": (
        *("GET", "street", LOGIN, "404 404 404", "404 404 404", "404 404 404", "200 200 404"),
    ),
    "supervision": (
        *("GET", "street", LOGIN, "404 404 404", "404 404 404", "404 404 404", "200 200 404"),
    ),
    "queries": (
        *("POST", "street", LOGIN, "404 404 404", "404 404 404", "404 404 404", "302 302 404"),
    ),
    "query-withdrawal": (
        *("POST", "query", LOGIN, "404 404 404", "404 404 404", "403 404 404", "302 302 404"),
    ),
    "query-closure": (
        *("POST", "query", LOGIN, "404 404 404", "404 404 404", "403 404 404", "302 302 404"),
    ),
    "query-answers": (
        *("POST", "query", LOGIN, "404 404 404", "404 404 404", "302 404 404", "403 403 404"),
    ),
    "query-answer-undoing": (
        *("POST", "answer", LOGIN, "404 404 404", "404 404 404", "302 403 403", "404 404 404"),
    ),
    "committee-queries": (
        *("GET", "community", LOGIN, "403 404 404", "403 404 404", "200 404 404", "403 403 404"),
    ),
    "ask-holding": (
        *("POST", "ask", LOGIN, "404 404 404", "404 404 404", "404 404 404", "302 302 404"),
    ),
    "ask-answers": (
        *("POST", "ask", LOGIN, "404 404 404", "404 404 404", "404 404 404", "302 302 404"),
    ),
    "ask-forwarding": (
        *("POST", "asked", LOGIN, "404 404 404", "403 404 404", "302 302 404", "404 404 404"),
    ),
    "ask-recall": (
        *("POST", "ask", LOGIN, "404 404 404", "403 404 404", "302 302 404", "404 404 404"),
    ),
    "ask-settling": (
        *("POST", "asked", LOGIN, "404 404 404", "403 404 404", "302 302 404", "404 404 404"),
    ),
    "ask-undoing": (
        *("POST", "replied", LOGIN, "404 404 404", "404 404 404", "404 404 404", "302 302 302"),
    ),
    "api-filing": (
        *("PUT", "api", "401 401 401", "201 404 404", "403 404 404", "403 403 404", "404 404 404"),
    ),
}


# The same doors for a community's monthly report.
MONTHLY = {
    "upper-report": ("GET", LOGIN, "404 404 404", "404 404 404", "200 404 404", "200 200 404"),
    "upper-form": ("POST", LOGIN, "404 404 404", "404 404 404", "422 404 404", "403 403 404"),
    "upper-withdrawal": ("POST", LOGIN, "404 404 404", "404 404 404", "409 404 404", "403 403 404"),
    "upper-refresh": ("POST", LOGIN, "404 404 404", "404 404 404", "409 404 404", "403 403 404"),
    "report-detail": ("GET", LOGIN, "404 404 404", "404 404 404", "302 404 404", "302 302 404"),
}


@dataclass
class World:
    period: Period
    users: dict[str, User | None]
    buildings: dict[str, dict[str, Place]]
    communities: dict[str, Community]


@pytest.fixture
def world() -> World:
    here, there = f.street("310104007"), f.street("310104008", "另一街道")
    home, beside = f.compound((2, 1), division=here), f.compound((1,), division=here)
    far = f.compound((1,), division=there)
    period = f.open_week(timezone.now())
    publish_all(at=timezone.now())
    obligations.open_week(at=timezone.now())
    obligations.open_month(at=timezone.now())
    one, two, three = (f.building(home, n) for n in (1, 2, 3))
    next_door, far_away = f.building(beside), f.building(far)
    for place in (one, two, three, next_door, far_away):
        f.seat(place, Duty.OWNER_REPRESENTATIVE)
    return World(
        period=period,
        users={
            "anonymous": None,
            "seat": f.seat(one),
            "worker": f.post(Duty.BLOCK_WORKER, place=f.block(home, 1)).user,
            "staff": f.staff(home),
            "street": f.post(Duty.STREET_OFFICER, division=here).user,
        },
        buildings={
            "anonymous": {"own": one, "sibling": two, "foreign": far_away},
            "seat": {"own": one, "sibling": two, "foreign": next_door},
            "worker": {"own": one, "sibling": three, "foreign": next_door},
            "staff": {"own": one, "sibling": three, "foreign": next_door},
            "street": {"own": one, "sibling": next_door, "foreign": far_away},
        },
        communities={"own": home, "sibling": beside, "foreign": far},
    )


def _doors() -> Iterator[str]:
    """Names of all our URLs; the admin's own are swept in test_admin."""
    for pattern in get_resolver().url_patterns:
        if getattr(pattern, "namespace", None) == "admin":
            continue
        for each in getattr(pattern, "url_patterns", [pattern]):
            yield each.name


def _cases() -> Iterator[tuple[str, str, str, str]]:
    for door, (_method, about, *answers) in TABLE.items():
        for role, statuses in zip(ROLES, answers, strict=True):
            objects = OBJECTS if about not in ALIKE else OBJECTS[:1]
            for which, status in zip(objects, statuses.split(), strict=True):
                yield door, role, which, status


def _ask(world: World, door: str, role: str, which: str) -> int:
    method, about, *_answers = TABLE[door]
    user, building = world.users[role], world.buildings[role][which]
    community = world.communities[which]
    client = Client()
    if user:
        client.force_login(user)
    week, body = world.period.key, {}
    if about == "nothing":
        where = {}
    elif about == "admission":
        proposed = admission.propose(
            f.proposal(ends_on=timezone.localdate()), by=f.person(), at=timezone.now()
        )
        where, body = {"pk": proposed.pk}, {"reason": "已经在问", "ends_on": str(proposed.ends_on)}
    elif about == "token":
        where = {"token": live_token(world.period, [building])}
    elif about == "version":
        where = {"version": "0" * 12, "kind": "css"}
    elif about == "desk":
        where = {"token": signing.dumps([0, []], salt="workbench.live")}
    elif about == "address":
        where, body = {}, {"name": "我的", "path": "/measures/"}
    elif about == "saved":
        owner = user if which == "own" else world.users["staff" if role != "staff" else "seat"]
        owner = owner or world.users["seat"]
        where = {"pk": saved_links.save("我的", "/", owner=owner, at=timezone.now()).pk}
    elif about in ("chosen", "pressed"):
        voice = _voice(world, building)
        where, batch = {"code": community.code}, uuid4()
        body = {"verb": "take", "item": f"voice-{voice.pk}.new", "batch": str(batch)}
        if about == "pressed":
            by = user or world.users["seat"]
            answering.accept_many([voice], batch=batch, by=by, at=timezone.now())
            where["batch"] = batch
    elif about == "files":
        where = {"token": signing.dumps([str(uuid4())], salt="reports.downloads")}
    elif about == "census token":
        where = {"token": signing.dumps(str(uuid4()), salt="units.census")}
    elif about == "census":
        handed_in = f.census_sheet(community, by=world.users["staff"], at=timezone.now())
        where = {"id": handed_in.pk}
    elif about == "sheet":
        taken = sheets.take(building, world.period, by=None, at=timezone.now())
        where = {"id": taken.pk}
    elif about == "order":
        where, body = {}, {"place": building.code, "period": week}
        body |= {"kind": "csv", "purpose": "meeting"}
    elif about == "file":
        where = {"id": _file(world, role, which).pk}
    elif about == "workbook":
        where = {"pk": _workbook(world, role, which).pk}
        body = {"sheet": "0", "cell": "B2", "figure": "COV_B:value", "period": week}
    elif about in ("query", "answer"):
        where, body = _asked_of(world, community, about, role), {"words": "已经催了"}
        body["form"] = str(uuid4())
    elif about in ("ask", "asked", "replied"):
        where, body = _wished(world, building.parent, about, role), {"words": "请协调供电公司"}
        body["form"] = str(uuid4())
    elif about == "building":
        where = {"code": building.code}
    elif about == "shaped":
        where, body = {"code": building.code, "what": "rename"}, {"name": "一号"}
    elif about == "community":
        where = {"code": community.code}
    elif about == "branch":
        where = {"code": community.code, "number": f.branch_of(building.parent).number}
    elif about == "street":
        where = {"code": world.communities[which].division_id}
        body = {"form": str(uuid4()), "community": community.code, "words": "请说明"}
    elif about == "colleague":
        where = {"code": community.code, "pk": world.users["worker"].pk}
    elif about == "batch":
        where = {"code": community.code, "entry": 1}
    elif about == "post":
        where = {"pk": Post.objects.seats().filter(place=building).first().pk}
    elif about == "holder":
        seats = Post.objects.filter(place=building, duty=Duty.OWNER_REPRESENTATIVE)
        where = {"pk": seats.get().user_id}
    elif about == "filing":
        where = {"id": _filed(world, building).pk}
    elif about == "door":
        where, body = {"code": _door(building).code}, {"id": str(uuid4()), "base_rev": "0"}
    elif about == "event":
        where, body = {"id": _told(building).pk}, {"id": str(uuid4()), "base_rev": "1"}
    elif about == "matter form":
        where, body = {"code": building.code, "kind": "facility"}, {"id": str(uuid4())}
    elif about == "matter":
        by = groups.seats_of(building, at=timezone.now())[2].post.user
        where = {"id": f.matter(building, by, at=timezone.now()).pk}
        body = {"id": str(uuid4()), "base_rev": "1"}
    elif about == "figure":
        where = {"code": "HAZ_CORR", "place": building.code, "period": week}
    elif about == "device":
        owner = user if which == "own" else world.users["staff" if role != "staff" else "seat"]
        where = {"pk": _device(owner or world.users["seat"]).pk}
    elif about in ("seen", "decided"):
        report = _filed(world, building).report
        where = {"code": building.community.code}
        body = {"report": f"{report.pk}.1", "batch": str(uuid4()), "reason": "请写明在几楼"}
        if about == "decided":
            where["batch"] = _decided(report, user or world.users["seat"])
    elif about in ("monthly", "settled"):
        report = _monthly(community)
        where = {"code": community.division_id}
        body = {"report": f"{report.pk}.1", "batch": str(uuid4()), "reason": "请写明在几楼"}
        if about == "settled":
            where["batch"] = _decided(report, user or world.users["seat"])
    elif about == "day":
        where = {"day": f"{timezone.localdate().year + 1}-05-01"}
    elif about == "rhythm":
        where, body = {"code": community.code}, {"rhythm": "month"}
    elif about == "block":
        where = {"code": building.parent.code, "period": week}
        body = {"id": str(uuid4()), "base_rev": "0"}
    elif about == "photo":
        where = {"id": _filed(world, building).pk, "number": 1}
        url = reverse(door, kwargs=where)
        return client.put(url, pictures.drawn(), content_type="image/jpeg").status_code
    elif about == "picture":
        sent = _filed(world, building)
        photos.attach(sent, 1, pictures.drawn(), by=sent.by, at=timezone.now())
        where, body = {"id": sent.pk, "number": 1}, {"why": "person"}
    elif about == "reply":
        where = {"id": _filed(world, building).pk}
        body = {"id": str(uuid4()), "words": "物业修好了"}
    elif about == "paper":
        where = {"code": building.code, "form": "building_report"}
    elif about == "stairwell":
        where = {"token": _plate(world, building).token}
    elif about == "plate":
        where = {"pk": _plate(world, building).pk}
    elif about == "voice":
        where = {"pk": _voice(world, building).pk}
        body = {"answer": "灯换好了", "batch": str(uuid4())}
    elif about == "facility":
        lamp = profiles.light(building, world.users["staff"], at=timezone.now())
        where = {"pk": lamp.pk}
        body = {"condition": "poor", "on": f"{timezone.localdate()}", "reason": "拆了"}
    elif about in ("defect", "undo"):
        by = groups.seats_of(building, at=timezone.now())[2].post.user
        report = profiles.broken(building, "light", by=by, at=timezone.now())
        where, batch = {"code": building.community.code}, uuid4()
        body = {"item": f"light:{report.pk}.1", "facility": "new", "condition": "poor"}
        body |= {"batch": f"{batch}", "reason": "已经修好"}
        if about == "undo":
            where["batch"] = batch
            facts = {"facility": None, "condition": "poor", "batch": batch, "at": timezone.now()}
            confirming.confirm({report.pk: 1}, "light", by=user or by, **facts)
    elif about == "api":
        where = {"id": uuid4()}
        body = {"place": building.code, "period": week, "nil": True}
    else:
        where = {"code": building.code, "week": week}
        body = {"id": str(uuid4()), "caller": "周兰英", "reason": "整幢修缮", "nil": "yes"}
    url = reverse(door, kwargs=where)
    if method == "PUT":
        return client.put(url, body, content_type="application/json").status_code
    return (client.post(url, body) if method == "POST" else client.get(url)).status_code


def _asked_of(world: World, community: Community, about: str, role: str) -> dict[str, int]:
    """A query of the street officer, or an answer to it that this person gave."""
    told, now = Asking(uuid4(), "other", "请说明情况"), timezone.now()
    query = asking.ask(f.root(community), told, by=world.users["street"], at=now)
    if about == "query":
        return {"pk": query.pk}
    by = world.users["staff"] if role == "staff" else f.person()
    return {"pk": asking.answer(query, "已经催了", form_id=uuid4(), by=by, at=now).pk}


def _wished(world: World, block: Place, about: str, role: str) -> dict[str, int]:
    """What a block asks for: as it came, handed to the street, or answered by it."""
    now, by = timezone.now(), world.users[role] or world.users["staff"]
    # Last week's: this week's is not open before Sunday evening.
    owed = f.owed(block, f.open_week(now - timedelta(days=7)))
    told = replace(
        f.sending(by, nil=False, answers=None), answers=JUDGED | {"support_needed": "hands"}
    )
    filing.file(owed, told, at=owed.opens_at + timedelta(hours=1))
    intake.pull(at=now)
    ask = SupportAsk.objects.get(report__obligation=owed)
    if about != "asked":
        supporting.forward(ask, "缺人手", by=by, at=now)
    if about != "replied":
        return {"pk": ask.pk}
    by = by if role == "street" else f.person()
    said = {"form_id": uuid4(), "by": by, "is_streets": True, "at": now}
    return {"pk": supporting.reply(ask, "下周来", **said).pk}


def _plate(world: World, building: Place) -> Doorplate:
    doorplates.issue([building], by=world.users["staff"], at=timezone.now())
    return Doorplate.objects.in_force().get(place=building)


def _voice(world: World, building: Place) -> Voice:
    said = Saying(form_id=uuid4(), about="broken", words="灯坏了")
    return say(_plate(world, building), said, address="x", at=timezone.now())


def _door(building: Place) -> Place:
    return Place.objects.get(parent__parent=building)


def _told(building: Place) -> Filing:
    """A household report that somebody of the building has filed."""
    form = ReportForm.objects.get(code=HOUSEHOLD_REPORT)
    by = groups.seats_of(building, at=timezone.now())[2].post.user
    told = f.sending(by, nil=False, answers=None)
    told = replace(told, answers={"situation": "same"})
    return filing.file_event(_door(building), form, told, at=timezone.now()).filing


def _monthly(community: Community) -> Report:
    """A community's report of this month, which opened on its last evening."""
    at = timezone.now()
    month = obligations.open_month(at=at)
    owed = f.owed(f.root(community), month)
    texts = {field["name"]: "平稳" for field in owed.form.latest().definition["fields"]}
    told = replace(f.sending(f.person(), nil=False, answers=None), answers=texts)
    return filing.file(owed, told, at=owed.opens_at).report


def _decided(report: Report, by: User) -> UUID:
    return review.accept(report, by=by, at=timezone.now()).batch


def _device(owner: User) -> Device:
    return Device.objects.create(
        user=owner, token_hash=uuid4().hex, label="手机", made_at=timezone.now()
    )


def _file(world: World, role: str, which: str) -> Export:
    """Made for this person, for a colleague, for somebody of another street."""
    owner = world.users[role] if which == "own" else None
    place = f.root(world.communities["foreign" if which == "foreign" else "own"])
    if role in ("anonymous", "seat", "worker"):
        place = world.buildings[role]["foreign" if which == "foreign" else "own"]
    ordered = Order(FileKind.COMMA, Purpose.MEETING, place=place, period=world.period)
    by = owner or f.post(Duty.STAFF, place=f.root(place.community)).user
    return order.place(ordered, by=by, at=timezone.now())


def _workbook(world: World, role: str, which: str) -> Workbook:
    owner = world.communities[which]
    if role == "street":
        owner = owner.division if which != "sibling" else owner
    by = world.users["staff"]
    content = office_workbooks.as_list()[0]
    return storing.upload(
        owner, name="月报表", file_name="x", content=content, by=by, at=timezone.now()
    )


def _filed(world: World, building: Place) -> Filing:
    owed = f.owed(building, world.period)
    by = groups.seats_of(building, at=timezone.now())[2].post.user
    return filing.file(owed, f.sending(by), at=timezone.now()).filing


def test_every_door_has_a_row():
    assert set(_doors()) == set(TABLE)


@pytest.mark.parametrize(("door", "role", "which", "status"), list(_cases()))
def test_the_answer_is_the_tables(world, door, role, which, status):
    assert _ask(world, door, role, which) == int(status)


@pytest.mark.parametrize("door", MONTHLY)
@pytest.mark.parametrize("role", ROLES)
def test_a_communitys_report_is_for_its_staff_and_its_street(world, door, role):
    method, *answers = MONTHLY[door]
    month = calendar.month_of(timezone.localdate()).key
    client = Client()
    if world.users[role]:
        client.force_login(world.users[role])
    found = []
    for which in OBJECTS:
        place = f.root(world.communities[which])
        name = "week" if door == "report-detail" else "period"
        url = reverse(door, kwargs={"code": place.code, name: month})
        body = {"id": str(uuid4()), "base_rev": "0"}
        found.append(client.post(url, body) if method == "POST" else client.get(url))
    assert " ".join(str(each.status_code) for each in found) == answers[ROLES.index(role)]


# What says nothing about the thing it names: anybody may speak at a stairwell, and a street decides
# about days for all its communities.
FOR_NOBODY = {"stairwell": 200, "calendar-removal": 403}
OWNED = ("device", "saved", "file", "workbook")


def test_who_holds_no_post_finds_nothing_at_any_door(world):
    one = world.buildings["seat"]["own"]
    world.users["nobody"], world.buildings["nobody"] = f.person(), {"own": one, "sibling": one}
    found = {}
    for door, (_method, about, *_answers) in TABLE.items():
        if about in ALIKE:
            continue
        before = transaction.savepoint()
        status = _ask(world, door, "nobody", "sibling" if about in OWNED else "own")
        transaction.savepoint_rollback(before)
        if status != 404:
            found[door] = status
    assert found == FOR_NOBODY


def test_a_stranger_is_sent_to_the_login_and_back():
    community = f.compound((1,))
    url = reverse("community-board", kwargs={"code": community.code})
    assert Client().get(url).headers["Location"] == f"{reverse('login')}?next={url}"
