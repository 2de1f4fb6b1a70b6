"""The data management package API (protocols B8): export and import of packages."""
