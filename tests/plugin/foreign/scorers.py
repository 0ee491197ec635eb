from technoshare_commentator.mlops.evaluation.scorer import Score, scorer


@scorer
def answers(output, example) -> bool:
    return example.must_say in output.text


@scorer(pass_at=0.5)
def brevity(output) -> float:
    return min(1.0, 10 / len(output.text.split()))


@scorer
def decided(output) -> Score:
    evasive = [word for word in ("perhaps", "later", "might") if word in output.text]
    return Score("decided", value=not evasive, passed=not evasive, rationale=f"evasive words: {evasive}")
