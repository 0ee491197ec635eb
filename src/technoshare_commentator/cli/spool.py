"""`technoshare spool …`: what waits to be shipped to MLflow, and shipping it now."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from technoshare_commentator.mlops.settings import load_tracking_settings
from technoshare_commentator.mlops.shipper import Shipper, open_mlflow
from technoshare_commentator.mlops.spool import Spool

app = typer.Typer(help="Records of jobs and evals that wait to be shipped to MLflow.", no_args_is_help=True)
TrackingUri = Annotated[str, typer.Option(metavar="URI", help="Store to ship to (default: MLFLOW_TRACKING_URI).")]


@app.command()
def status(*, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False) -> None:
    """Show how many records wait, how many were set aside, and what the last attempt ran into."""
    state = Spool(load_tracking_settings().spool_directory).status()
    if as_json:
        print(json.dumps(asdict(state)))
        return
    to_ship = "  (technoshare spool ship)" if state.pending else ""
    to_mend = f"  (reasons in {state.directory}/set_aside; technoshare spool retry)" if state.set_aside else ""
    print(f"spool      {state.directory}")
    print(f"pending    {state.pending}{to_ship}")
    print(f"set aside  {state.set_aside}{to_mend}")
    if state.last_error:
        print(f"last error {state.last_error}")


@app.command()
def retry() -> None:
    """Put what was set aside back among what waits, once its cause is mended; 'spool ship' then sends it."""
    count = Spool(load_tracking_settings().spool_directory).retry()
    print(f"{count} records wait again" if count else "nothing was set aside")


@app.command()
def ship(*, tracking_uri: TrackingUri = "") -> None:
    """Ship everything that waits, whatever store it was first meant for; each record arrives exactly once.

    Exit status: 0 when nothing is left, 1 when the store could not be reached or a record was set aside.
    """
    settings = load_tracking_settings()
    uri = tracking_uri or settings.uri
    spool = Spool(settings.spool_directory)
    waiting = len(spool.pending())
    if not waiting:
        print("nothing to ship")
        return
    shipper = Shipper(spool, uri, lambda: open_mlflow(uri))
    console = Console(stderr=True)
    with Progress(console=console, transient=True) as progress, spool.store_lock(uri):
        task = progress.add_task(f"shipping to {uri}", total=waiting)
        for receipt in shipper.ship_pending(any_store=True):
            progress.advance(task)
            what = "shipped" if receipt.is_final else "shipped a part of"
            print(f"{what} {receipt.name} as run {receipt.run_id}")
    _report(shipper, spool, waiting)


def _report(shipper: Shipper, spool: Spool, waiting: int) -> None:
    tally, left = shipper.tally, len(spool.pending())
    elsewhere = waiting - tally.shipped - tally.set_aside - left
    also = f", {elsewhere} by the background shipper" if elsewhere > 0 else ""
    print(f"{tally.shipped} shipped{also}, {tally.set_aside} set aside, {left} left")
    if tally.error:
        print(f"technoshare: {tally.error}; nothing is lost, run 'technoshare spool ship' again later", file=sys.stderr)
    if tally.error or tally.set_aside:
        raise typer.Exit(1)
