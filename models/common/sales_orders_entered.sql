{{ entered_headers(
    ref('stg_sales__salesorders'), 'salesorderid', 'ordernumber', ['msdynce_processingstatus']
) }}
