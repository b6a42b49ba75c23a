"""Sample data: a phone company's half year, told so that its reports show what they are for."""
