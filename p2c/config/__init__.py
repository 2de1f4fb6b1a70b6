"""The project's folder, its settings, and the services they name."""
