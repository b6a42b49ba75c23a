"""A questionnaire's texts in other languages: the table, and files for translators."""
