"""Models of a user's own: one Python file says what a cell is, the sweep does the rest.

An `Ode` is a right-hand side, integrated like those that ship; a `Process` is anything that yields
times and errors.
"""
