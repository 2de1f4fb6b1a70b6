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
    lines.data_area_id as "dataAreaId",
    lines.document_number as "SalesOrderNumber",
    lines.line_number as "LineCreationSequenceNumber",
    lines.product_number as "ProductNumber",
    cast(lines.quantity as decimal(32, 6)) as "OrderedSalesQuantity",
    lines.unit_symbol as "SalesUnitSymbol",
    cast(lines.price as decimal(32, 6)) as "SalesPrice",
    cast(lines.discount_amount as decimal(32, 6)) as "TotalDiscountAmount",
    cast({{ line_place('value_map_sites', 'line_site', 'site') }} as varchar) as "ShippingSiteId",
    cast({{ line_place('value_map_warehouses', 'line_warehouse', 'warehouse') }} as varchar)
        as "ShippingWarehouseId",

    lines.line_id as p2c_source_key,
    lines.data_area_id || '/' || lines.document_number || '/' || lines.line_number as p2c_record_key,
    cast(null as varchar) as p2c_record_id,
    {{ json_array([
        parent('finops.CDSSalesOrderHeaders', "lines.data_area_id || '/' || lines.document_number")
    ]) }} as p2c_parents,
    lines.is_deleted as p2c_deleted,
    case
        when headers.p2c_deleted then 'its order is gone'
        when headers.p2c_filtered is not null then 'its order is out of scope: ' || headers.p2c_filtered
        when not lines.has_external_products_only then 'its product does not come from F&O'
        when not lines.is_submitted then 'it is not submitted'
        when sent.source_key is not null and held.sales_order_number is null
            then 'it was sent before, and F&O, which owns it since, has it no longer'
    end as p2c_filtered,
    case
        when headers.p2c_reasons <> '[]' then 'its order ' || lines.document_number || ' is rejected'
        when headers.p2c_blocked is not null
            then 'its order ' || lines.document_number || ' is blocked: ' || headers.p2c_blocked
    end as p2c_blocked,
    {{ entered_line_reasons() }} as p2c_reasons,
    '[]' as p2c_cuts
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
