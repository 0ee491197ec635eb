import helpdesk


def pytest_eval_task(config, variant):
    async def answer(example):
        return await helpdesk.answer(example.question, model=variant.model or "small", **variant.settings)

    return answer


def pytest_eval_show_output(config, output):
    return output.text
