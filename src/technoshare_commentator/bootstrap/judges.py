"""Who judges: MODEL_JUDGE, asked by the prompts in `prompts/judges/`, JUDGE_VOTES times."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from technoshare_commentator.bootstrap.analysts import WITHOUT_MODEL, yaml_prompt
from technoshare_commentator.bootstrap.models import Models, require_key
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.prompts import CONTEXT, JUDGE_PREFIX, context_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from technoshare_commentator.bootstrap.models import Requests
    from technoshare_commentator.config import Settings
    from technoshare_commentator.mlops.evaluation.scorer import Scorer
    from technoshare_commentator.prompts import ProjectContext, Prompt
    from technoshare_commentator.quality.judges.judge import Judge
    from technoshare_commentator.quality.judges.questions import Question

JUDGES_ARE_OFF = "MODEL_JUDGE is not set, so nobody judges: name a model in the environment or in .env (.env.example)"


class Judges:
    """The judges of the settings; they share connections, and what their model was seen to refuse."""

    def __init__(
        self,
        settings: Settings,
        *,
        prompt: Callable[[str], Prompt] | None = None,
        overrides: Mapping[str, float | int | str] | None = None,
        requests: Requests | None = None,
    ) -> None:
        """Take the settings, and what differs from their defaults, as `Analysts` does.

        Raises `ConfigurationError` when no model is named, one is named that cannot judge, or it needs a key that is
        not there; with `requests`, which may be replayed, only its endpoint knows.
        """
        if settings.model_judge is None:
            raise ConfigurationError(JUDGES_ARE_OFF)
        if settings.model_judge in WITHOUT_MODEL:
            raise ConfigurationError(
                f"MODEL_JUDGE={settings.model_judge!r} ranks sentences and cannot judge; name a language model, or "
                "leave it empty to go without judges"
            )
        if requests is None:  # what is replayed needs no key, and what is not is refused by whoever is asked
            require_key(settings, "MODEL_JUDGE", instead=", or leave MODEL_JUDGE empty to go without judges")
        self._settings = settings
        self._model = settings.model_judge
        self._prompt = prompt or partial(yaml_prompt, directory=settings.prompts_dir)
        self._overrides = dict(overrides or {})
        self._models = Models(settings, requests)

    def scorers(self) -> tuple[Scorer, Scorer, Scorer]:
        """Faithfulness, relevance and hallucination, as `check` takes them."""
        faithfulness, relevance, hallucination = self.judges()
        return faithfulness.scorer, relevance.scorer, hallucination.scorer

    def judges(self) -> tuple[Judge, Judge, Judge]:
        """The same, to be awaited by hand."""
        from technoshare_commentator.quality.judges import questions  # noqa: PLC0415 - brings the SDK

        themes = context_of(self._prompt(CONTEXT))
        return (
            self._judge(questions.FAITHFULNESS, themes),
            self._judge(questions.RELEVANCE, themes),
            self._judge(questions.HALLUCINATION, themes),
        )

    async def problem(self) -> str:
        """Ask the endpoint whether the model can be used; "" where nothing speaks against it."""
        return await self._models.problem([self._model])

    async def aclose(self) -> None:
        """Close the connections, on the event loop where judges were awaited."""
        await self._models.aclose()

    def close(self) -> None:
        """Close the connections that scorers opened which were called plainly, in a script."""
        from technoshare_commentator.mlops.evaluation.scoring import run_together  # noqa: PLC0415 - only scripts need it

        run_together([self.aclose()])

    def _judge(self, question: Question, themes: ProjectContext) -> Judge:
        from technoshare_commentator.quality.judges.judge import Judge  # noqa: PLC0415 - as above

        return Judge(
            question=question,
            prompt=self._prompt(f"{JUDGE_PREFIX}{question.name}"),
            completions=self._models.completions(self._model),
            model=self._model,
            context=themes,
            votes=self._settings.judge_votes,
            evidence_characters=self._settings.model_evidence_characters,
            overrides=self._overrides,
        )
