{# What the lines of quotations and of orders have in common in F&O. #}

{# The columns that lines of quotations and of orders have alike: `number` and `quantity` are the names of
   theirs, `header` is the entity set of what they belong to. #}
{% macro entered_line_columns(number, quantity, header) -%}
    lines.data_area_id as "dataAreaId",
    lines.document_number as "{{ number }}",
    lines.line_number as "LineCreationSequenceNumber",
    lines.product_number as "ProductNumber",
    cast(lines.quantity as decimal(32, 6)) as "{{ quantity }}",
    lines.unit_symbol as "SalesUnitSymbol",
    cast(lines.price as decimal(32, 6)) as "SalesPrice",
    cast(lines.discount_amount as decimal(32, 6)) as "TotalDiscountAmount",
    cast({{ line_place('value_map_sites', 'line_site', 'site') }} as varchar) as "ShippingSiteId",
    cast({{ line_place('value_map_warehouses', 'line_warehouse', 'warehouse') }} as varchar)
        as "ShippingWarehouseId",

    lines.line_id as p2c_source_key,
    lines.data_area_id || '/' || lines.document_number || '/' || lines.line_number as p2c_record_key,
    cast(null as varchar) as p2c_record_id,
    {{ json_array([parent('finops.' ~ header, "lines.data_area_id || '/' || lines.document_number")]) }}
        as p2c_parents,
    lines.is_deleted as p2c_deleted,
    {{ entered_line_reasons() }} as p2c_reasons,
    '[]' as p2c_cuts
{%- endmacro %}

{# Why lines wait: what is the matter with the document (`noun`) they belong to. #}
{% macro entered_line_blocked(noun) -%}
    case
        when headers.p2c_reasons <> '[]' then 'its {{ noun }} ' || lines.document_number || ' is rejected'
        when headers.p2c_blocked is not null
            then 'its {{ noun }} ' || lines.document_number || ' is blocked: ' || headers.p2c_blocked
    end
{%- endmacro %}

{# Reasons of a line. #}
{% macro entered_line_reasons() -%}
    case when lines.is_deleted then '[]' else {{ reasons([
        reason('no_line_number', 'sequencenumber', 'lines.line_id',
            "'The line has no sequence number: save it again in Sales.'", 'lines.line_number is null'),
        reason('product_not_released', 'productid', 'lines.product_number',
            "'The product ' || coalesce(lines.product_number, '(none)') || ' is not released in '
            || lines.data_area_id || ': release it in F&O, or take the line out.'",
            'not lines.is_product_released'),
        reason('no_value_map', 'uomid', 'lines.unit_name',
            "'The unit ' || coalesce(lines.unit_name, '(none)') || ' is not in the seed value_map_units:"
            " add a row for it (finops_symbol, sales_unit, is_preferred).'",
            'lines.unit_symbol is null'),
    ]) }} end
{%- endmacro %}

{# Site or warehouse of a line: by value map, or by setting when its customer has none; else F&O takes
   that of its customer or product. `customers` is one row for each customer. #}
{% macro line_place(seed, setting, column) -%}
    {%- set by = {
        'product_number': 'lines.product_number',
        'delivery_city': 'headers."DeliveryAddressCity"',
        'delivery_state': 'headers."DeliveryAddressStateId"',
        'delivery_country': 'headers."DeliveryAddressCountryRegionISOCode"',
    } -%}
    coalesce(
        {{ mapped_by_columns(seed, by, 'lines.data_area_id') }},
        case when customers.{{ column }} is null then nullif({{ text_var(setting) }}, '') end
    )
{%- endmacro %}

{# The site and warehouse that F&O has of each customer from here. #}
{% macro customer_places() -%}
    select "dataAreaId", "CustomerAccount", max("SiteId") as site, max("WarehouseId") as warehouse
    from ({{ customer_targets() }}) as targets
    group by "dataAreaId", "CustomerAccount"
{%- endmacro %}
