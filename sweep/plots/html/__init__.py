"""Pictures as pages: one file each, that needs no network, in which cells say what they are.

A page has the figure as it is drawn, the data of its cells, and the script and the style that lie
beside these modules.
"""
