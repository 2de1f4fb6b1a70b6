{{ compare_records(
    desired=ref('target_finops__contact_persons'),
    held=ref('stg_finops__contact_persons'),
    agreed=source('ledger', 'agreed_finops__contact_persons')
) }}
