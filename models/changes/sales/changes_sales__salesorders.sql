-- What it needs first, though no record of it refers to one (G9).
-- depends_on: {{ ref('target_sales__products') }}
-- depends_on: {{ ref('target_finops__customers') }}
-- depends_on: {{ ref('target_finops__contact_customers') }}
{{ changes(ref('compare_sales__salesorders')) }}
