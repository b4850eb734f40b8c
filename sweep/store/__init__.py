"""Rows to Parquet files and back: parts, their merge, locks, the writer, what is known, export.

May import the grid and the models.
"""
