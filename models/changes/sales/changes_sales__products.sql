{{ changes(ref('compare_sales__products')) }}
