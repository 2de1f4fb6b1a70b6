with lines as (
    select * from {{ ref('sales_order_lines_entered') }}
),

headers as (
    select * from {{ ref('target_finops__sales_order_headers') }}
),

customers as (
    {{ customer_places() }}
),

sent as (
    {{ written_links('finops', 'orders_out', 'CDSSalesOrderLines') }}
),

held as (
    select * from {{ ref('stg_finops__sales_order_lines') }} where deleted_at is null
)

select
    {{ entered_line_columns('SalesOrderNumber', 'OrderedSalesQuantity', 'CDSSalesOrderHeaders') }},
    case
        when headers.p2c_deleted then 'its order is gone'
        when headers.p2c_filtered is not null then 'its order is out of scope: ' || headers.p2c_filtered
        when not lines.has_external_products_only then 'its product does not come from F&O'
        when not lines.is_submitted then 'it is not submitted'
        when sent.source_key is not null and held.sales_order_number is null
            then 'it was sent before, and F&O, which owns it since, has it no longer'
    end as p2c_filtered,
    {{ entered_line_blocked('order') }} as p2c_blocked
from lines
inner join headers on lines.document_id = headers.p2c_source_key
left join customers
    on
        headers."dataAreaId" = customers."dataAreaId"
        and headers."OrderingCustomerAccountNumber" = customers."CustomerAccount"
left join sent on lines.line_id = sent.source_key
left join held
    on
        lines.data_area_id = held.data_area_id
        and lines.document_number = held.sales_order_number
        and lines.line_number = held.line_creation_sequence_number
