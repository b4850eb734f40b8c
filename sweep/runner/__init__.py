"""A run of a grid: what is to be done, by whom, until when, and how it ends.

May import the store, the grid and the models; knows no picture and no command.
"""
