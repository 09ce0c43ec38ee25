"""Compute a plan on a SLURM cluster: ``python slurm.py plan.toml results/plan.nc --jobs 20``.

Run it where it can stay for as long as the sweep takes (a login node in tmux, or a job of its own). It submits workers
through dask-jobqueue (pip install dask-jobqueue), which come and go as the queue allows. What is computed is stored at
once, so that the same command goes on after any interruption. Adapt the lines marked with `here`.
"""

import argparse
from pathlib import Path

from compare.execution.cluster import Dask
from compare.plan import read_plan
from compare.records.datasets import save
from compare.sweeps import run


def slurm_cluster(jobs):
    """Workers in jobs of their own."""
    from dask_jobqueue import SLURMCluster

    cluster = SLURMCluster(
        queue="short",  # here: the partition
        cores=1,  # one worker to a job; more cores are threads of the kernels, see `threads` below
        memory="4GB",
        walltime="04:00:00",  # here
        job_extra_directives=["--hint=nomultithread"],
        job_script_prologue=["export OMP_NUM_THREADS=1"],
    )
    cluster.scale(jobs=jobs)
    return cluster


def local_cluster(workers):
    """Workers on this machine."""
    from distributed import LocalCluster

    return LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)


def main():
    """Read the plan, compute it, save the dataset."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("plan", type=Path)
    words.add_argument("dataset", type=Path)
    words.add_argument("--jobs", type=int, default=10)
    words.add_argument("--local", action="store_true", help="try it on this machine")
    given = words.parse_args()
    with local_cluster(given.jobs) if given.local else slurm_cluster(given.jobs) as cluster:
        executor = Dask(cluster.scheduler_address, threads=1)
        data = run(read_plan(given.plan), store=given.dataset.with_suffix(".zarr"), executor=executor, progress=True)
    save(data, given.dataset)


if __name__ == "__main__":
    main()
