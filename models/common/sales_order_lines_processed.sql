{% set absent = [
    'product_number', 'product_name', 'quantity', 'unit_symbol', 'price', 'discount_amount',
    'tax_amount', 'line_amount', 'delivery_street', 'delivery_street_number', 'delivery_city',
    'delivery_state', 'delivery_postal_code', 'delivery_country_iso2',
] %}

with lines as (
    select * from {{ ref('stg_finops__sales_order_lines') }}
),

orders as (
    select * from {{ ref('sales_orders_processed') }}
),

orphans as (
    {{ unread_order_lines() }}
),

known as (
    select
        lines.data_area_id,
        lines.sales_order_number,
        keys.line_number,
        keys.line_id,
        lines.product_number,
        lines.product_name,
        lines.ordered_sales_quantity as quantity,
        lines.sales_unit_symbol as unit_symbol,
        lines.sales_price as price,
        lines.total_discount_amount as discount_amount,
        lines.total_tax_amount as tax_amount,
        lines.line_amount,
        lines.delivery_address_street as delivery_street,
        lines.delivery_address_street_number as delivery_street_number,
        lines.delivery_address_city as delivery_city,
        lines.delivery_address_state_id as delivery_state,
        lines.delivery_address_zip_code as delivery_postal_code,
        lines.delivery_address_country_region_iso_code as delivery_country_iso2,
        lines.deleted_at is not null as is_deleted
    from lines
    inner join {{ ref('keys_order_lines') }} as keys
        on
            lines.data_area_id = keys.data_area_id
            and lines.sales_order_number = keys.sales_order_number
            and lines.line_creation_sequence_number = keys.line_number
    union all
    select
        data_area_id,
        sales_order_number,
        line_number,
        line_id,
        {% for column in absent %}
            null as {{ column }},
        {% endfor %}
        true as is_deleted
    from orphans
)

select
    {{ text_var('organization_id') }} as organization_id,
    known.*,
    'finops' as system_of_record,
    orders.order_id,
    orders.order_number,
    orders.currency_id,
    orders.currency_precision,
    products.product_id,
    units.unit_id,
    {{ cannot_be_received('known.line_number', 'known.discount_amount', 'known.is_deleted') }} as cannot_be_received
from known
left join ({{ products_in_sales() }}) as products on known.product_number = products.product_number
left join {{ ref('keys_units') }} as units
    on lower(known.unit_symbol) = lower(units.finops_symbol) and units.is_preferred
left join orders
    on
        known.data_area_id = orders.data_area_id
        and known.sales_order_number = orders.sales_order_number
