{# Documents that F&O owns and Sales receives: orders and invoices. Their numbers are unique per legal
   entity there and altogether in Sales (O9): `legal_entities.number_prefix` goes before them. #}

{# One prefix per legal entity, whatever number of business units it serves, and whether it is the default. #}
{% macro number_prefixes() -%}
    select
        data_area_id,
        max(coalesce(number_prefix, '')) as number_prefix,
        bool_or(is_default) as is_default
    from {{ ref('stg_seeds__legal_entities') }}
    group by data_area_id
{%- endmacro %}

{# Products as lines refer to them: those of the products flow, and those Sales has anyway. #}
{% macro products_in_sales() -%}
    select
        product_number,
        min(product_id) as product_id
    from (
        select product_number, product_id from {{ ref('keys_products') }}
        union all
        select sales.productnumber as product_number, sales.productid as product_id
        from {{ ref('stg_sales__products') }} as sales
        left join {{ ref('keys_products') }} as keys on sales.productnumber = keys.product_number
        where sales.deleted_at is null and keys.product_number is null
    ) as products
    group by product_number
{%- endmacro %}

{# A line that Sales could not take: no number, no such product or unit, or a discount below zero. #}
{% macro cannot_be_received(number, discount, deleted) -%}
    not ({{ deleted }}) and (
        {{ has_no_number(number) }}
        or products.product_id is null or units.unit_id is null or coalesce({{ discount }}, 0) < 0
    )
{%- endmacro %}

{# Lines of F&O's orders that Sales has and F&O never showed: taken out there before they were read,
   or never accepted. The line that the solution makes for header tax is none of them (O6). While F&O has
   a line without a number in an order, nobody knows which lines those of Sales are (O8). #}
{% macro unread_order_lines() -%}
    select
        headers.data_area_id,
        headers.sales_order_number,
        details.sequencenumber as line_number,
        details.salesorderdetailid as line_id
    from {{ ref('stg_sales__salesorderdetails') }} as details
    inner join {{ ref('keys_orders') }} as headers on details.salesorderid = headers.order_id
    inner join {{ ref('stg_finops__sales_order_headers') }} as alive
        on
            headers.data_area_id = alive.data_area_id
            and headers.sales_order_number = alive.sales_order_number
            and alive.deleted_at is null
    left join {{ ref('stg_finops__sales_order_lines') }} as lines
        on
            headers.data_area_id = lines.data_area_id
            and headers.sales_order_number = lines.sales_order_number
            and details.sequencenumber = lines.line_creation_sequence_number
    where
        details.deleted_at is null
        and not coalesce(details.msdynce_ismisctax, false)
        and lines.sales_order_number is null
        and (headers.data_area_id, headers.sales_order_number) not in (
            select (data_area_id, sales_order_number)
            from {{ ref('stg_finops__sales_order_lines') }}
            where deleted_at is null and {{ has_no_number('line_creation_sequence_number') }}
        )
{%- endmacro %}
