{{ compare_records(
    desired=ref('target_finops__sales_quotation_lines'),
    held=ref('stg_finops__sales_quotation_lines'),
    agreed=source('ledger', 'agreed_finops__sales_quotation_lines')
) }}
