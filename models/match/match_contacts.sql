{{ listed_matches('contacts') }}
