{{ changes(ref('compare_finops__sales_quotation_lines')) }}
