with lines as (
    select
        *,
        -- A number that was freed and given to another line is that line's.
        is_deleted and row_number() over (
            partition by document_id, line_number order by is_deleted, line_id
        ) > 1 as is_another_ones
    from {{ ref('quotation_lines') }}
),

headers as (
    select * from {{ ref('target_finops__sales_quotation_headers') }}
),

customers as (
    {{ customer_places() }}
),

desired as (
    select
        lines.data_area_id as "dataAreaId",
        lines.document_number as "SalesQuotationNumber",
        lines.line_number as "LineCreationSequenceNumber",
        lines.product_number as "ProductNumber",
        cast(lines.quantity as decimal(32, 6)) as "RequestedSalesQuantity",
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
            parent('finops.CDSSalesQuotationHeaders', "lines.data_area_id || '/' || lines.document_number")
        ]) }} as p2c_parents,
        lines.is_deleted as p2c_deleted,
        case
            when headers.p2c_deleted then 'its quote is gone'
            when headers.p2c_filtered is not null
                then 'its quote is out of scope: ' || headers.p2c_filtered
            when lines.is_another_ones then 'it is gone, and its number is that of another line'
            -- A line that is gone keeps the flag it was last read with; it says nothing any more.
            when not lines.is_deleted and not lines.has_external_products_only
                then 'its product does not come from F&O'
        end as p2c_filtered,
        case
            when headers.p2c_reasons <> '[]' then 'its quote ' || lines.document_number || ' is rejected'
            when headers.p2c_blocked is not null
                then 'its quote ' || lines.document_number || ' is blocked: ' || headers.p2c_blocked
        end as p2c_blocked,
        {{ entered_line_reasons() }} as p2c_reasons,
        '[]' as p2c_cuts
    from lines
    inner join headers on lines.document_id = headers.p2c_source_key
    left join customers
        on
            headers."dataAreaId" = customers."dataAreaId"
            and headers."RequestingCustomerAccountNumber" = customers."CustomerAccount"
),

surplus as (
    {{ surplus_quotation_lines() }}
)

select * from desired
union all
select
    data_area_id as "dataAreaId",
    document_number as "SalesQuotationNumber",
    line_number as "LineCreationSequenceNumber",
    cast(null as varchar) as "ProductNumber",
    cast(null as decimal(32, 6)) as "RequestedSalesQuantity",
    cast(null as varchar) as "SalesUnitSymbol",
    cast(null as decimal(32, 6)) as "SalesPrice",
    cast(null as decimal(32, 6)) as "TotalDiscountAmount",
    cast(null as varchar) as "ShippingSiteId",
    cast(null as varchar) as "ShippingWarehouseId",
    -- No line of Sales is its source: it goes by its own key.
    document_key || '/' || line_number as p2c_source_key,
    document_key || '/' || line_number as p2c_record_key,
    cast(null as varchar) as p2c_record_id,
    {{ json_array([parent('finops.CDSSalesQuotationHeaders', 'document_key')]) }} as p2c_parents,
    true as p2c_deleted,
    cast(null as varchar) as p2c_filtered,
    cast(null as varchar) as p2c_blocked,
    '[]' as p2c_reasons,
    '[]' as p2c_cuts
from surplus
