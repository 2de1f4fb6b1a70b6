{{ staged_seed('value_map_contact_roles') }}
