{{ compare_records(
    desired=ref('target_sales__productpricelevels'),
    held=ref('stg_sales__productpricelevels'),
    agreed=source('ledger', 'agreed_sales__productpricelevels')
) }}
