{# Documents that F&O owns, as Sales should hold them: orders and invoices have the same shape. #}

{# An amount at the precision of its currency (protocols A12, precision source 2). #}
{% macro money(expression, precision) -%}
    cast({{ round_to('coalesce(' ~ expression ~ ', 0)', precision) }} as decimal(19, 4))
{%- endmacro %}

{# Price lists by currency (O7, I4). #}
{% macro mapped_price_lists() -%}
    select
        map.currency_code,
        map.price_list,
        min(lists.pricelevelid) as price_list_id
    from {{ ref('stg_seeds__value_map_price_lists') }} as map
    left join {{ ref('stg_sales__pricelevels') }} as lists
        on lower(map.price_list) = lower(lists.name) and lists.deleted_at is null
    group by map.currency_code, map.price_list
{%- endmacro %}

{# The first line of a document that Sales could not take. #}
{% macro receiving_problems(lines, document_id) -%}
    select
        {{ document_id }} as document_id,
        min(case when cannot_be_received then line_number end) as broken_line
    from {{ lines }}
    group by {{ document_id }}
{%- endmacro %}

{# Reasons of a header; `documents`, `price_lists` are the aliases it is computed from. #}
{% macro processed_header_reasons(number_column, noun, more=[]) -%}
    {{ reasons([
        reason('number_collision', number_column, 'documents.' ~ ('sales_order_number' if noun == 'order' else 'invoice_number'),
            "'The number is already that of an " ~ noun ~ " of ' || documents.first_company || ' in Sales: set"
            " number_prefix for ' || documents.data_area_id || ' in the seed legal_entities.'",
            'documents.is_collision and documents.other_' ~ noun ~ '_id is null'),
        reason('no_customer', 'customer account', 'documents.customer_account',
            "'No account or contact in Sales is the customer ' || coalesce(documents.customer_account, '(blank)')"
            " || ' of ' || documents.data_area_id || ': give one that number, or pair them in the seed key_overrides.'",
            'documents.customer_id is null'),
        reason('no_currency', 'CurrencyCode', 'documents.currency_code',
            "'Sales has no currency ' || coalesce(documents.currency_code, '(blank)') || ': add it there.'",
            'documents.currency_id is null'),
        reason('no_value_map', 'CurrencyCode', 'documents.currency_code',
            "'The currency ' || coalesce(documents.currency_code, '(blank)') || ' is not in the seed"
            " value_map_price_lists: add a row for it (currency_code, price_list).'",
            'price_lists.currency_code is null'),
        reason('no_price_list', 'CurrencyCode', 'price_lists.price_list',
            "'Sales has no price list named ' || price_lists.price_list || ': add it there, or correct the"
            " seed value_map_price_lists.'",
            'price_lists.currency_code is not null and price_lists.price_list_id is null'),
        reason('no_value_map', 'InvoiceAddressCountryRegion' ~ ('Id' if noun == 'order' else 'ISOCode'), 'documents.billing_country',
            "'The country ' || documents.billing_country || ' is not in the seed value_map_countries: add a row"
            " for it (sales_text, iso2, iso3), or correct it in F&O.'",
            'documents.billing_country is not null and documents.billing_country_iso2 is null'),
        reason('negative_amount', 'discountamount', 'documents.header_discount',
            "'Sales allows no discount below zero on a header.'", 'documents.header_discount < 0'),
        reason('negative_amount', 'freightamount', 'documents.charges_amount',
            "'Sales allows no freight below zero.'", 'documents.charges_amount < 0'),
    ] + more) }}
{%- endmacro %}

{# A line of F&O from before the integration: it has no number, sent as 0, and shares its key with all
   others of its document that have none (O8). #}
{% macro has_no_number(number) -%}
    coalesce({{ number }}, 0) = 0
{%- endmacro %}

{# Reasons of a line. #}
{% macro processed_line_reasons(discount_column='TotalDiscountAmount') -%}
    case when lines.is_deleted then '[]' else {{ reasons([
        reason('no_line_number', 'LineCreationSequenceNumber', 'lines.line_number',
            "'The line has no line creation sequence number in F&O: run SalesPopulateProspectToCash there once,"
            " in the company ' || lines.data_area_id || '.'",
            has_no_number('lines.line_number')),
        reason('no_product', 'ProductNumber', 'lines.product_number',
            "'Sales has no product ' || coalesce(lines.product_number, '(blank)')"
            " || ': release it in F&O so that it comes, or add it in Sales.'",
            'lines.product_id is null'),
        reason('no_unit', 'SalesUnitSymbol', 'lines.unit_symbol',
            "'The unit ' || coalesce(lines.unit_symbol, '(blank)') || ' has no preferred row in the seed"
            " value_map_units, or Sales has no such unit.'",
            'lines.unit_id is null'),
        reason('negative_amount', discount_column, 'lines.discount_amount',
            "'Sales allows no line discount below zero.'", 'coalesce(lines.discount_amount, 0) < 0'),
    ]) }} end
{%- endmacro %}

{# A product that is itself rejected or blocked keeps its lines back. #}
{% macro refused_products() -%}
    select p2c_record_key as product_number
    from {{ ref('target_sales__products') }} as refused
    left join {{ ref('stg_sales__products') }} as held
        on refused.productid = held.productid and held.deleted_at is null
    where (refused.p2c_reasons <> '[]' or refused.p2c_blocked is not null) and held.productid is null
{%- endmacro %}
