"""The boundary of a phase diagram, computed finely: which cells are wanted next.

Who chooses cells here never knows who computes them, nor where their results are kept.
"""
