"""How finished runs of each kind are told, by the name of the kind."""

from collections.abc import Mapping

from lmc_core.command_line import prune, twins
from lmc_core.command_line.one_run import Report

REPORTS: Mapping[str, Report] = {"twins": twins.REPORT, "prune": prune.REPORT}
