with lines as (
    select * from {{ ref('sales_invoice_lines') }}
),

headers as (
    select * from {{ ref('target_sales__invoices') }}
),

refused as (
    {{ refused_products() }}
),

organization as (
    select max(pricingdecimalprecision) as price_decimals from {{ ref('stg_sales__organizations') }}
)

select
    lines.line_id as invoicedetailid,
    lines.invoice_id as invoiceid,
    lines.number_in_sales as msdynce_invoicenumber,
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
    cast(1 as integer) as producttypecode,
    cast(2 as integer) as propertyconfigurationstatus,
    true as ispriceoverridden,
    true as msdynce_ismaintainedexternally,

    headers.p2c_source_key || '/' || lines.line_number as p2c_source_key,
    lines.number_in_sales || '/' || lines.line_number as p2c_record_key,
    lines.line_id as p2c_record_id,
    {{ json_array([
        parent('sales.invoices', "coalesce(lines.number_in_sales, '')"),
        parent('sales.products', "coalesce(lines.product_number, '')"),
    ]) }} as p2c_parents,
    lines.is_deleted as p2c_deleted,
    case
        when headers.p2c_deleted then 'its invoice is gone'
        when headers.p2c_filtered is not null then 'its invoice is out of scope: ' || headers.p2c_filtered
    end as p2c_filtered,
    case
        when headers.p2c_reasons <> '[]' then 'its invoice ' || lines.invoice_number || ' is rejected'
        when headers.p2c_blocked is not null
            then 'its invoice ' || lines.invoice_number || ' is blocked: ' || headers.p2c_blocked
        when refused.product_number is not null then 'the product ' || lines.product_number || ' is rejected'
    end as p2c_blocked,
    {{ processed_line_reasons('LineTotalDiscountAmount') }} as p2c_reasons,
    {{ cuts({'description': ('lines.product_name', 2000)}) }} as p2c_cuts
from lines
cross join organization
inner join headers
    on
        lines.data_area_id || '/' || lines.invoice_number || '/' || lines.ledger_voucher
        = headers.p2c_source_key
left join refused on lines.product_number = refused.product_number
