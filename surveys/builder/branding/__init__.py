"""Brands: their pages, their form, and how a survey and a mail look with one."""
