{{ compare_records(
    desired=ref('target_sales__invoicedetails'),
    held=ref('stg_sales__invoicedetails'),
    agreed=source('ledger', 'agreed_sales__invoicedetails')
) }}
