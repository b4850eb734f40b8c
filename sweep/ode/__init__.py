"""The integrator: an explicit and a stiff method, step control, events, and how it is compiled.

Imports no other room: it knows no model and no overlap.
"""
