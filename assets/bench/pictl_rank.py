"""Which rank this is and of how many, for programs that do not use MPI themselves: from the launcher's environment."""

import os


def _first(*names):
    return next((int(os.environ[name]) for name in names if name in os.environ), None)


# Open MPI's own, that of its runtime from version 5 on, Hydra's. Without a launcher: alone.
rank = _first("OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK") or 0
size = _first("OMPI_COMM_WORLD_SIZE", "PMI_SIZE") or 1
