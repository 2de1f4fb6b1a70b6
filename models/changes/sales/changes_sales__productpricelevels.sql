{{ changes(ref('compare_sales__productpricelevels')) }}
