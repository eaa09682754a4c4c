"""Worktrail runs AI workflows durably, with people in the loop.

A workflow is a segment (a graph of steps, held as data); what happens to it is a trail (a stream of events).
Each room of the package has one door: import from `worktrail.<room>`, never from the modules inside it.
"""

__version__ = "0.1.0"
