"""The administration of what is reported. Importing this registers all of it."""

from reports.admin import figures, obligations, reports

__all__ = ["figures", "obligations", "reports"]
