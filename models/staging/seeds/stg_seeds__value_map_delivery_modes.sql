{{ staged_seed('value_map_delivery_modes') }}
