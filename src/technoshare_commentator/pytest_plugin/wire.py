"""What controller and workers of one session call the things they hand to each other."""

from __future__ import annotations

MESSAGE = "eval_message"  # on a test's report: what is new about its case, as JSON
NOTES_FOLDER = "eval_notes_folder"  # in a worker's input: what the workers of one machine share while the session lasts
STOPPED = "stopped"  # a file in that folder: the controller wants no further test to start
