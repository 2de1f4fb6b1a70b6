{{ compare_records(
    desired=ref('target_sales__salesorderdetails'),
    held=ref('stg_sales__salesorderdetails'),
    agreed=source('ledger', 'agreed_sales__salesorderdetails')
) }}
