"""What is read off results: the best cells, single trajectories, theory beside simulation.

May import the runner and all below it; knows no command.
"""
