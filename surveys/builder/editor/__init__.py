"""The three panes in which a questionnaire is written: outline, editor, preview."""
