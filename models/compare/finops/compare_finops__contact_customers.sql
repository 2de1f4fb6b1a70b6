{{ compare_records(
    desired=ref('target_finops__contact_customers'),
    held=ref('stg_finops__customers'),
    agreed=source('ledger', 'agreed_finops__contact_customers')
) }}
