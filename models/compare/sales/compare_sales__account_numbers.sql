{{ compare_records(
    desired=ref('target_sales__account_numbers'),
    held=ref('stg_sales__accounts'),
    agreed=source('ledger', 'agreed_sales__account_numbers')
) }}
