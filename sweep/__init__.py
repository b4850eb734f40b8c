"""Phase diagrams of learning dynamics: a grid file becomes cells, trajectories, rows, pictures."""

__version__ = "0.1.0"
