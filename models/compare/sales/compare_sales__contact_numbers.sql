{{ compare_records(
    desired=ref('target_sales__contact_numbers'),
    held=ref('stg_sales__contacts'),
    agreed=source('ledger', 'agreed_sales__contact_numbers')
) }}
