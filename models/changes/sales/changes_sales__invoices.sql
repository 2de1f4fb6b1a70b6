{{ changes(ref('compare_sales__invoices')) }}
