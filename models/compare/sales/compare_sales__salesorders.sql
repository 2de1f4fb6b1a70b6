{{ compare_records(
    desired=ref('target_sales__salesorders'),
    held=ref('stg_sales__salesorders'),
    agreed=source('ledger', 'agreed_sales__salesorders')
) }}
