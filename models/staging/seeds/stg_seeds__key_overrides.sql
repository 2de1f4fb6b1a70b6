{{ staged_seed('key_overrides') }}
