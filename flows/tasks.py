"""The jobs as tasks. They pass file names, keys and counts; never what a customer wrote."""

from typing import Any

from prefect import task
from prefect.client.schemas.objects import TaskRun
from prefect.states import State

from feedback_triage.pipeline import JOBS, may_pass


async def _is_passing(_task: Any, _run: TaskRun, state: State[Any]) -> bool:
    """Retry what may pass (a locked database, a full disk), not what a person must mend."""
    result = await state.aresult(raise_on_failure=False)
    return may_pass(result)


TASKS = {
    name: task(job, name=name, retries=2, retry_delay_seconds=[2, 10], retry_condition_fn=_is_passing)
    for name, job in JOBS.items()
}
