"""The command line.

Everything heavy is imported inside the commands, so that help and wrong arguments answer at once.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import xarray as xr

    from compare.execution.executors import Executor
    from compare.plan import Plan

app = typer.Typer(
    help="Classical, truncated-Wigner and quantum synchronization on the same axes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

OutFolder = Annotated[Path, typer.Option("--out", help="Folder for datasets and figures.", metavar="FOLDER")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@app.callback()
def options(debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")] = False) -> None:
    """Take the options that go before a command."""
    if debug:
        _DEBUG.append(True)


_DEBUG: list[bool] = []


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List plans, figures, systems and methods."""
    from compare.commands.describe import contents

    found = contents()
    if as_json:
        typer.echo(json.dumps(found, indent=1))
    else:
        _print_list(found)


def _print_list(found: dict[str, list[dict[str, Any]]]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    named = {entry["name"] for entry in found["plans"] if entry["figure"]}
    for kind, entries in found.items():
        papers = any(entry.get("paper") for entry in entries)
        table = Table(kind, "", *([""] * papers), box=None, header_style="bold", pad_edge=False)
        table.columns[0].no_wrap = True  # names are there to be copied
        for entry in entries:
            if kind == "figures" and entry["name"] in named:
                continue
            table.add_row(entry["name"], entry["summary"], *([entry.get("paper", "")] * papers))
        if table.rows:
            console.print(table, "")


@app.command()
def run(
    name: Annotated[str, typer.Argument(help="A named plan, or a plan in a .toml or .json file.")],
    quick: Annotated[bool, typer.Option("--quick", help="A coarse version that takes seconds.")] = False,
    out: OutFolder = Path("results"),
    store: Annotated[
        Path | None,
        typer.Option(
            "--store", help="Keep all results in this folder as they come, and go on from there.", metavar="PATH"
        ),
    ] = None,
    threads: Annotated[int | None, typer.Option("--threads", help="Threads of the kernels.", metavar="N")] = None,
    processes: Annotated[
        int | None, typer.Option("--processes", help="Compute points in N processes.", metavar="N")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", help="Compute points on Dask: an address, or 'local'.", metavar="ADDRESS"),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bars.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compute a plan into FOLDER/NAME.nc and draw its figure.

    An interrupted run goes on where it was when the same command is given again.
    """
    from compare.checks import writable_folder
    from compare.commands.drawing import draw, figures
    from compare.records.datasets import save
    from compare.runs import RunStore, run_panels

    threads, processes = _count("--threads", threads), _count("--processes", processes)
    executor = _executor(processes, scheduler, threads)
    label, panels = _panels(name, quick)
    folder = writable_folder("--out", out)
    start = time.perf_counter()
    with RunStore(store, folder / f".{label}{'.quick' if quick else ''}.unfinished", panels) as keeper:
        data = run_panels(panels, store=keeper.path, threads=threads, executor=executor, progress=not quiet)
        files = [save(data, folder / f"{label}.nc")]
    if label in figures():
        files += draw(label, data, folder)
    seconds = time.perf_counter() - start
    if as_json:
        points = sum(len(plan.points) for plan in panels.values())
        typer.echo(json.dumps({"files": [str(file) for file in files], "points": points, "seconds": seconds}))
    else:
        typer.echo(f"{', '.join(str(file) for file in files)} after {seconds:.1f} s")


def _count(option: str, value: int | None) -> int | None:
    """Refuse a number below one under the name that it has on the command line."""
    from compare.checks import at_least

    return None if value is None else at_least(option, value, 1)


def _executor(processes: int | None, scheduler: str | None, threads: int | None) -> Executor | None:
    """The executor that the options ask for; None for this process."""
    if processes is not None and scheduler is not None:
        raise ValueError("Options `--processes` and `--scheduler` must not both be given.")
    if processes is not None:
        from compare.execution.processes import Processes

        return Processes(processes, threads=1 if threads is None else threads)
    if scheduler is not None:
        from compare.execution.cluster import Dask

        return Dask(None if scheduler == "local" else scheduler, threads=1 if threads is None else threads)
    return None


def _panels(name: str, quick: bool) -> tuple[str, dict[str, Plan]]:
    """The name for files and the plans of the panels, of a named plan or of a file."""
    from compare.plan import read_plan
    from compare.plans import find_plan

    path = Path(name)
    if path.suffix not in (".toml", ".json"):
        return name, find_plan(name).panels(quick)
    if quick:
        raise ValueError("Option `--quick` is for named plans; a plan in a file says itself how fine it is.")
    return path.stem, {"": read_plan(path)}


@app.command()
def figure(
    name: Annotated[str, typer.Argument(help="A figure, as `list` shows it.")],
    out: OutFolder = Path("results"),
    data: Annotated[
        Path | None, typer.Option("--data", help="Dataset to draw from. Default: FOLDER/NAME.nc.", metavar="FILE")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw a figure again from its dataset."""
    from compare.checks import writable_folder
    from compare.commands.drawing import draw, find_figure, require_data_of
    from compare.records.datasets import load

    find_figure(name)
    source = data or out / f"{name}.nc"
    if not source.exists():
        raise ValueError(f"There is no dataset {source} to draw from; `syncblockade run {name}` makes it.")
    loaded: xr.Dataset | xr.DataTree = load(source)
    require_data_of(name, loaded, source)
    files = draw(name, loaded, writable_folder("--out", out))
    typer.echo(json.dumps({"files": [str(file) for file in files]}) if as_json else ", ".join(map(str, files)))


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A plan, a system or a method, as `list` shows it.")],
    as_json: AsJson = False,
) -> None:
    """Show parameters, equations and settings."""
    from compare.commands.describe import describe

    _tell(describe(name), as_json)


@app.command()
def info(file: Annotated[Path, typer.Argument(help="A dataset.", metavar="FILE")], as_json: AsJson = False) -> None:
    """Show what a dataset holds, how good it is and where it comes from."""
    from compare.commands.describe import describe_file

    _tell(describe_file(file), as_json)


@app.command()
def compare(
    file: Annotated[Path, typer.Argument(help="A dataset.", metavar="FILE")],
    first: Annotated[str, typer.Argument(help="A method of the dataset.", metavar="METHOD")],
    second: Annotated[str, typer.Argument(help="Another one.", metavar="METHOD")],
    variable: Annotated[str, typer.Option("--variable", help="What to compare.", metavar="NAME")] = "sync",
    margin: Annotated[
        float | None, typer.Option("--margin", help="Largest difference that does not matter.", metavar="X")
    ] = None,
    relative: Annotated[
        float | None, typer.Option("--relative", help="The same as a fraction of the second method's.", metavar="X")
    ] = None,
    level: Annotated[float, typer.Option("--level", help="Significance level.", metavar="P")] = 0.05,
    as_json: AsJson = False,
) -> None:
    """Tell whether two methods agree, in each panel that has both."""
    from compare.agreement import agree, pick
    from compare.checks import known
    from compare.records.datasets import load
    from compare.reruns import panels_of

    panels = panels_of(load(file))
    labels = {panel: [str(label) for label in dataset["method"].values] for panel, dataset in panels.items()}
    for method in (first, second):
        known("method", method, dict.fromkeys(label for found in labels.values() for label in found))
    both = {panel: dataset for panel, dataset in panels.items() if {first, second} <= set(labels[panel])}
    if not both:
        raise ValueError(f"No panel of {file} has both {first!r} and {second!r}.")
    found = {
        panel: agree(
            pick(dataset, first),
            pick(dataset, second),
            variable=variable,
            margin=margin,
            relative=relative,
            level=level,
        )
        for panel, dataset in both.items()
    }
    if as_json:
        numbers = ("chi_square", "dof", "p_value", "different", "equivalent")
        table = {panel: {key: _number(getattr(answer, key)) for key in numbers} for panel, answer in found.items()}
        typer.echo(json.dumps(table))
    else:
        for panel, answer in found.items():
            typer.echo(f"({panel}) {answer}" if panel else str(answer))


def _number(value: Any) -> Any:
    """JSON has no NaN."""
    return None if value != value else value


@app.command()
def rerun(
    file: Annotated[Path, typer.Argument(help="A dataset.", metavar="FILE")],
    threads: Annotated[int | None, typer.Option("--threads", help="Threads of the kernels.", metavar="N")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bars.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compute a dataset again and compare bit by bit; exit code 1 if anything differs."""
    from compare.records.datasets import load
    from compare.reruns import rerun as repeat

    found = repeat(load(file), threads=_count("--threads", threads), progress=not quiet)
    if as_json:
        table = [{"panel": r.panel, "variable": r.variable, "identical": r.identical} for r in found]
        typer.echo(json.dumps(table))
    for one in [] if as_json else found:
        place = f"({one.panel}) {one.variable}" if one.panel else one.variable
        typer.echo(f"{place}: {'identical' if one.identical else f'differs by up to {one.largest:.3g}'}")
    if not all(one.identical for one in found):
        raise typer.Exit(1)


@app.command()
def bench(
    threads: Annotated[int, typer.Option("--threads", help="Threads of the kernels.", metavar="N")] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure how fast this machine is."""
    from compare.checks import at_least
    from compare.commands.bench import bench as measure

    found = []
    for timing in measure(at_least("--threads", threads, 1)):
        found.append({"what": timing.what, "value": timing.value, "unit": timing.unit})
        if not as_json:
            typer.echo(f"{timing.value:8.3g} {timing.unit:3} {timing.what}")
    if as_json:
        typer.echo(json.dumps(found))


def _tell(table: dict[str, Any], as_json: bool) -> None:
    typer.echo(json.dumps(table, indent=1, default=str) if as_json else "\n".join(_lines(table)))


def _lines(table: dict[str, Any], indent: str = "") -> list[str]:
    """A table in lines, inner tables indented."""
    lines = []
    for key, value in table.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}:", *_lines(value, indent + "  ")] if value else []
        elif isinstance(value, str) and "\n" in value:
            lines += [f"{indent}{key}:", *(f"{indent}  {line}".rstrip() for line in value.splitlines())]
        elif value is None:
            lines += [f"{indent}{key}: unset"] if indent else []
        else:
            lines.append(f"{indent}{key}: {value:.6g}" if isinstance(value, float) else f"{indent}{key}: {value}")
    return lines


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 failed, 2 wrong input, 130 interrupted."""
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        sys.exit(_exit_code())


def _exit_code() -> int:
    try:
        code = app(standalone_mode=False) or 0
        # typer turns Ctrl-C into its exit code
        return _complain("Interrupted; the same command goes on from here.", code) if code == 130 else code
    except ValueError as error:
        return _complain(str(error), 2)
    except OSError as error:
        return _complain(error.strerror or str(error), 1)
    except Exception as error:
        # typer's own errors, whichever click it carries: wrong options and the like
        if not hasattr(error, "format_message"):
            raise
        return _complain(error.format_message(), 2)


def _complain(message: str, code: int) -> int:
    if _DEBUG and sys.exception() is not None:
        traceback.print_exc()
    if message:  # none where typer has already printed the help
        print(f"Error: {message}", file=sys.stderr)
    return code


def _show_warning(message: Any, *_: Any, **__: Any) -> None:
    print(f"Warning: {message}", file=sys.stderr)
