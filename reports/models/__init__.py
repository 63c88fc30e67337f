"""What is said about places, for which period, and what it adds up to."""

from reports.models.admission import Admission
from reports.models.decision import Decision
from reports.models.export import Export
from reports.models.filing import Filing
from reports.models.form import FormVersion, ReportForm
from reports.models.mark import DrainCursor, Mark
from reports.models.period import Holiday, Obligation, Period
from reports.models.photo import Photo, PhotoRemoval
from reports.models.reply import Reply
from reports.models.report import Report, Review, Said
from reports.models.sheet import Sheet
from reports.models.summary import Figures, Summary
from reports.models.workbook import Workbook

__all__ = [
    "Admission",
    "Decision",
    "DrainCursor",
    "Export",
    "Figures",
    "Filing",
    "FormVersion",
    "Holiday",
    "Mark",
    "Obligation",
    "Period",
    "Photo",
    "PhotoRemoval",
    "Reply",
    "Report",
    "ReportForm",
    "Review",
    "Said",
    "Sheet",
    "Summary",
    "Workbook",
]
