"""Time prepared jobs under the tracking that the environment asks for; prints a list of milliseconds."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from dataclasses import replace

from prepared_job import LINK, milliseconds, prepared_pipeline

from technoshare_commentator import bootstrap
from technoshare_commentator.config import Settings
from technoshare_commentator.domain import Job
from technoshare_commentator.mlops.settings import load_tracking_settings
from technoshare_commentator.pipeline.process_message import comment_on_link

if __name__ == "__main__":
    logging.disable()
    tracker = bootstrap.tracker(Settings(), load_tracking_settings())
    pipeline = replace(prepared_pipeline(), tracker=tracker)
    with asyncio.Runner() as runner:
        times = milliseconds(
            int(sys.argv[1]), lambda number: runner.run(comment_on_link(Job(id=str(number)), LINK, pipeline))
        )
    print(json.dumps(times))
