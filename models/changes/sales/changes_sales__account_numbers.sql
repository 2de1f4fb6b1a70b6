{{ changes(ref('compare_sales__account_numbers')) }}
