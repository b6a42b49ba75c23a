"""The designer's pages: questionnaires, their translations, previews, versions and brands."""
