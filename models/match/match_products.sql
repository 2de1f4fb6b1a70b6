{{ listed_matches('products') }}
