"""Who is notified when a run's state changes, and what: docs/notifications.md."""
