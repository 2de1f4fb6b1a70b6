{{ entered_lines(
    ref('stg_sales__quotedetails'), ref('quotations'), 'quotedetailid', 'quoteid',
    'coalesce(lines.msdynce_quotehasexternalmaintainedproductsonly, false)', 'true'
) }}
