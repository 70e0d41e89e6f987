"""Measured speed, as ratios: `make bench`. Method and figures are in docs/benchmarks.md."""

from warnings import filterwarnings

filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")  # the PostgreSQL wheel's own, about its lock files
