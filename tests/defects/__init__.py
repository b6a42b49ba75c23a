"""Seeded defects: does the suite notice when the code is broken on purpose?

kinds.py       what a defect is, and whether its text is still in the code
catalogue/     the defects, by the part they break
trying.py      one after the other in a copy of the repository
__main__.py    `python -m tests.defects`
"""
