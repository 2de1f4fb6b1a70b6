{{ entered_headers(ref('stg_sales__quotes'), 'quoteid', 'quotenumber', ['revisionnumber']) }}
