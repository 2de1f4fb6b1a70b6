{{ staged_seed('value_map_languages') }}
