"""Rows become pictures: `request` says what to draw, `draw` draws it and loads matplotlib."""
