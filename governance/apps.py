"""App configurations of the project package."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = "小区治理"


class AdministrationConfig(AdminConfig):
    default_site = "governance.administration.Administration"
