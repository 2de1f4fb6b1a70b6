{{ listed_matches('customers') }}
