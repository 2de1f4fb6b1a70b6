{{ staged_seed('value_map_countries') }}
