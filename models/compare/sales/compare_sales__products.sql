{{ compare_records(
    desired=ref('target_sales__products'),
    held=ref('stg_sales__products'),
    agreed=source('ledger', 'agreed_sales__products')
) }}
