"""What readers do with a report beside reading it: keep it as a view, share it by a link, have it
sent as a digest. Each is a service over `analytics.kept`; pages, command and task only call it."""
