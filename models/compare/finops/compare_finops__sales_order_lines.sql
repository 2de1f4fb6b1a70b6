{{ compare_records(
    desired=ref('target_finops__sales_order_lines'),
    held=ref('stg_finops__sales_order_lines'),
    agreed=source('ledger', 'agreed_finops__sales_order_lines')
) }}
