{{ changes(ref('compare_sales__contact_numbers')) }}
