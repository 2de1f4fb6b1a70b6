"""The data management package API (protocols B8): import of packages; export is not offered."""
