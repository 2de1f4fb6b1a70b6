{{ changes(ref('compare_sales__invoicedetails')) }}
