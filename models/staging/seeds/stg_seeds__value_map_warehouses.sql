{{ staged_seed('value_map_warehouses') }}
