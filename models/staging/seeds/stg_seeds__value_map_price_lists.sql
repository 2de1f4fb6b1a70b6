{{ staged_seed('value_map_price_lists') }}
