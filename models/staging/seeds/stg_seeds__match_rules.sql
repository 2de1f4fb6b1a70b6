{{ staged_seed('match_rules') }}
