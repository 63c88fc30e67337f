"""The administration of what is reported. Importing this registers all of it."""

from reports.admin import exports, figures, obligations, reports

__all__ = ["exports", "figures", "obligations", "reports"]
