"""Rows and Parquet: what is done, where it lies, and how it is kept safe."""
