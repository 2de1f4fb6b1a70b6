-- What it needs first, though no record of it refers to one (G9).
-- depends_on: {{ ref('target_sales__products') }}
{{ changes(ref('compare_finops__sales_quotation_headers')) }}
