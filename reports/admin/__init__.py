"""The administration of what is reported. Importing this registers all of it."""

from reports.admin import admissions, exports, figures, obligations, reports

__all__ = ["admissions", "exports", "figures", "obligations", "reports"]
