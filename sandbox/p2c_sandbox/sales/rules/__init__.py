"""Business rules of the Sales tables (protocols A13), one topic in each module."""
