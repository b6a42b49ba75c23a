"""From a draft to a version: the review, the versions, and what lies between two of them."""
