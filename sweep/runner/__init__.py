"""A run of a grid: what is to be done, by whom, until when, and how it ends.

May import the store, the grid and the models; knows no picture and no command.
"""

import warnings

# joblib says so when it is imported; a run says it in its own words, where it matters.
warnings.filterwarnings("ignore", ".*joblib will operate in serial mode")
