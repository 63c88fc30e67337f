"""The administration of what is reported. Importing this registers all of it."""

from reports.admin import admissions, figures, obligations, reports

__all__ = ["admissions", "figures", "obligations", "reports"]
