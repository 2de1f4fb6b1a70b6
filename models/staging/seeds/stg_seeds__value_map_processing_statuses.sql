{{ staged_seed('value_map_processing_statuses') }}
