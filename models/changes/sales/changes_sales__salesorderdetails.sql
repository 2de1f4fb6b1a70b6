{{ changes(ref('compare_sales__salesorderdetails')) }}
