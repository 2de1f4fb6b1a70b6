"""Local stand-ins for Dynamics 365 Sales and Dynamics 365 Finance and Operations."""
