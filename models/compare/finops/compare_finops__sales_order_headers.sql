{{ compare_records(
    desired=ref('target_finops__sales_order_headers'),
    held=ref('stg_finops__sales_order_headers'),
    agreed=source('ledger', 'agreed_finops__sales_order_headers')
) }}
