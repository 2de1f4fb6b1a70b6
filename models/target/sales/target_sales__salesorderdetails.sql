with lines as (
    select * from {{ ref('sales_order_lines_processed') }}
),

headers as (
    select * from {{ ref('target_sales__salesorders') }}
),

refused as (
    {{ refused_products() }}
),

organization as (
    select max(pricingdecimalprecision) as price_decimals from {{ ref('stg_sales__organizations') }}
)

select
    lines.line_id as salesorderdetailid,
    lines.order_id as salesorderid,
    lines.order_number as msdynce_ordernumber,
    lines.line_number as sequencenumber,
    lines.product_id as productid,
    {{ fit('lines.product_name', 2000) }} as description,
    cast(lines.quantity as decimal(23, 10)) as quantity,
    lines.unit_id as uomid,
    cast({{ round_to('lines.price', 'organization.price_decimals') }} as decimal(19, 4)) as priceperunit,
    {{ money('lines.discount_amount', 'lines.currency_precision') }} as manualdiscountamount,
    {{ money('lines.tax_amount', 'lines.currency_precision') }} as tax,
    {{ money('lines.line_amount', 'lines.currency_precision') }} as extendedamount,
    lines.currency_id as transactioncurrencyid,
    lines.delivery_street as shipto_line1,
    lines.delivery_street_number as shipto_line2,
    lines.delivery_city as shipto_city,
    lines.delivery_state as shipto_stateorprovince,
    lines.delivery_postal_code as shipto_postalcode,
    lines.delivery_country_iso2 as shipto_country,
    true as ispriceoverridden,
    true as msdynce_ismaintainedexternally,

    lines.data_area_id || '/' || lines.sales_order_number || '/' || lines.line_number as p2c_source_key,
    lines.order_number || '/' || lines.line_number as p2c_record_key,
    lines.line_id as p2c_record_id,
    {{ json_array([
        parent('sales.salesorders', "coalesce(lines.order_number, '')"),
        parent('sales.products', "coalesce(lines.product_number, '')"),
    ]) }} as p2c_parents,
    -- A line follows its order: one that F&O has no longer stays as it is.
    lines.is_deleted and coalesce(not headers.p2c_deleted and headers.p2c_filtered is null, false)
        as p2c_deleted,
    case
        when headers.p2c_source_key is null or headers.p2c_deleted then 'its order is gone'
        when headers.p2c_filtered is not null then 'its order is out of scope: ' || headers.p2c_filtered
    end as p2c_filtered,
    case
        when headers.p2c_reasons <> '[]' then 'its order ' || lines.sales_order_number || ' is rejected'
        when headers.p2c_blocked is not null
            then 'its order ' || lines.sales_order_number || ' is blocked: ' || headers.p2c_blocked
        when refused.product_number is not null then 'the product ' || lines.product_number || ' is rejected'
    end as p2c_blocked,
    {{ processed_line_reasons() }} as p2c_reasons,
    {{ cuts({'description': ('lines.product_name', 2000)}) }} as p2c_cuts
from lines
cross join organization
left join headers
    on lines.data_area_id || '/' || lines.sales_order_number = headers.p2c_source_key
left join refused on lines.product_number = refused.product_number
