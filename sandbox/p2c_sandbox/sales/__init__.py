"""Dynamics 365 Sales: the Dataverse Web API as far as prospect to cash needs it."""
