{{ entered_lines(
    ref('stg_sales__salesorderdetails'), ref('sales_orders_entered'), 'salesorderdetailid',
    'salesorderid', 'coalesce(lines.msdynce_orderhasexternalmaintainedproductsonly, false)',
    'coalesce(lines.msdynce_orderissubmitted, false)'
) }}
