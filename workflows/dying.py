"""A workflow worker that a test may let die at its failpoint (`services.chassis.failpoints`). Tests only."""

from typing import Any

from temporalio import workflow
from temporalio.worker import (
    Interceptor,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from services.chassis.failpoints import Failpoint, reach

_NAME = "reach_failpoint"


class Dying(Interceptor):
    """Reaches the failpoint outside the workflows' sandbox, which touches no file."""

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        input.unsafe_extern_functions[_NAME] = _reach
        return _Inbound


def _reach() -> None:
    reach(Failpoint.WORKFLOW_BEFORE_ACTIVITY)


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))


class _Outbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        workflow.extern_functions()[_NAME]()
        return super().start_activity(input)
