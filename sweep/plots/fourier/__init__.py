"""The pictures of the Fourier models: single runs, and what they are made of.

Each is a module with a function `draw`, of the model and of what `models.fourier.pictures` has
computed for it.
"""
