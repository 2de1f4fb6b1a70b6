"""What a tenant must have for this project: privileges and entities, from its own declarations."""
