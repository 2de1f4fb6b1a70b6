{{ staged_seed('value_map_customer_groups') }}
