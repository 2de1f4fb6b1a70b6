{{ compare_records(
    desired=ref('target_finops__sales_quotation_headers'),
    held=ref('stg_finops__sales_quotation_headers'),
    agreed=source('ledger', 'agreed_finops__sales_quotation_headers')
) }}
