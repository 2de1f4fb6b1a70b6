{{ changes(ref('compare_finops__sales_order_headers')) }}
