from technoshare_commentator.mlops.evaluation.scorer import Score, scorer


@scorer
def answers(output, example) -> bool:
    return example.must_say in output.text


@scorer(pass_at=0.5)
def brevity(output) -> float:
    return min(1.0, 10 / len(output.text.split()))


@scorer
def polite(output) -> Score:
    rude = [word for word in ("never", "cannot", "later") if word in output.text]
    return Score("polite", value=not rude, passed=not rude, rationale=f"it says {', '.join(rude)}" if rude else "")
