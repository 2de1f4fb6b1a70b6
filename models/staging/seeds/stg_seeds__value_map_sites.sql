{{ staged_seed('value_map_sites') }}
