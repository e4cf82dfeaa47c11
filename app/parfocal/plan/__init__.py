"""Say what will be acquired: experiments as frozen values, their compiled schedule, their files."""

from parfocal.plan._demo import demo_experiment
from parfocal.plan._estimate import Estimate, estimate
from parfocal.plan._experiment import Experiment, Phase, PlanError, Policy
from parfocal.plan._files import experiment_from_sequence, plan_as_json, read_plan, write_plan
from parfocal.plan._outline import outline
from parfocal.plan._schedule import Channel, Field, Index, Schedule, Sizes, Step, StepKind
from parfocal.plan._series import compile_schedule

__all__ = [
    "Channel",
    "Estimate",
    "Experiment",
    "Field",
    "Index",
    "Phase",
    "PlanError",
    "Policy",
    "Schedule",
    "Sizes",
    "Step",
    "StepKind",
    "compile_schedule",
    "demo_experiment",
    "estimate",
    "experiment_from_sequence",
    "outline",
    "plan_as_json",
    "read_plan",
    "write_plan",
]
