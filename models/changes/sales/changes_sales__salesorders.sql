{{ changes(ref('compare_sales__salesorders')) }}
