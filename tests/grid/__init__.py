"""Tests of the grid layer: from a file to cells with identities."""
