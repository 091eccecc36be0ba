"""The life with one sleep too many at its beginning: what a careless edit looks like."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from services.contracts.life import CandidateQuestion
    from workflows.life import CandidateLife
    from workflows.shapes import LifeEnded


@workflow.defn(name="CandidateLife")
class HastyLife(CandidateLife):
    @workflow.init
    def __init__(self, question: CandidateQuestion) -> None:
        super().__init__(question)

    @workflow.run
    async def run(self, question: CandidateQuestion) -> LifeEnded:
        await workflow.sleep(timedelta(seconds=1))
        return await super().run(question)
