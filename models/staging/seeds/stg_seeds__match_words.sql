{{ staged_seed('match_words') }}
