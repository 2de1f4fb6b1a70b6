{{ staged_seed('value_map_payment_terms') }}
