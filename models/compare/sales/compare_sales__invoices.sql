{{ compare_records(
    desired=ref('target_sales__invoices'),
    held=ref('stg_sales__invoices'),
    agreed=source('ledger', 'agreed_sales__invoices')
) }}
