{# Documents that are entered in Sales and sent to F&O: quotes and orders have the same shape. #}

{# One row per document with its company, customer and country codes; `documents` is the staged
   header with `id` and `number` columns. `extra` adds columns of its own. #}
{% macro entered_headers(documents, id, number, extra) -%}
with documents as (
    select * from {{ documents }}
),

countries as (
    select * from {{ ref('stg_seeds__value_map_countries') }}
),

placed as (
    select
        documents.*,
        coalesce(companies.data_area_id, defaults.data_area_id) as data_area_id
    from documents
    left join {{ ref('keys_document_companies') }} as companies
        on documents.owningbusinessunit = companies.business_unit_id
    cross join (select data_area_id from {{ ref('stg_seeds__legal_entities') }} where is_default) as defaults
)

select
    {{ text_var('organization_id') }} as organization_id,
    placed.{{ id }} as document_id,
    placed.data_area_id,
    placed.{{ number }} as document_number,
    'sales' as system_of_record,
    placed.name as document_name,
    placed.customerid as customer_id,
    parties.party_type as customer_type,
    parties.customer_account,
    coalesce(parties.is_in_finops, false) as is_customer_in_finops,
    elsewhere.customer_account as account_elsewhere,
    elsewhere.companies as customer_companies,
    placed.transactioncurrencyid as currency_id,
    currencies.currency_code,
    placed.totalamount as total_amount,
    placed.paymenttermscode as payment_terms_code,
    placed.freighttermscode as freight_terms_code,
    placed.shippingmethodcode as shipping_method_code,
    placed.shipto_line1 as delivery_street,
    placed.shipto_line2 as delivery_street_2,
    placed.shipto_city as delivery_city,
    placed.shipto_stateorprovince as delivery_state,
    placed.shipto_postalcode as delivery_postal_code,
    placed.shipto_country as delivery_country,
    placed.billto_line2 as billing_street_2,
    placed.billto_postalcode as billing_postal_code,
    {{ country_code('placed.shipto_country', 'country', 'iso2') }} as delivery_country_iso2,
    cast(placed.requestdeliveryby as date) as requested_delivery_date,
    placed.statecode as state_code,
    coalesce(placed.msdynce_hasexternallymaintainedproductsonly, false) as has_external_products_only,
    coalesce(placed.msdynce_ismaintainedexternally, false) as is_maintained_externally,
    {%- for column in extra %}
    placed.{{ column }},
    {%- endfor %}
    placed.deleted_at is not null as is_deleted
from placed
left join {{ ref('keys_parties') }} as parties
    on placed.customerid = parties.party_id and placed.data_area_id = parties.data_area_id
left join (
    select
        party_id,
        min(customer_account) as customer_account,
        string_agg(distinct data_area_id, ', ' order by data_area_id) as companies
    from {{ ref('keys_parties') }}
    group by party_id
) as elsewhere on placed.customerid = elsewhere.party_id
left join {{ ref('keys_currencies') }} as currencies
    on placed.transactioncurrencyid = currencies.currency_id
left join countries as country_map on lower(placed.shipto_country) = country_map.sales_text
left join ({{ default_country() }}) as default_country on true
{%- endmacro %}

{# One row per line with the product and unit as F&O knows them; null where it does not. #}
{% macro entered_lines(lines, headers, line_id, document_id, external, submitted) -%}
with lines as (
    select * from {{ lines }}
),

headers as (
    select * from {{ headers }}
),

products as (
    select
        productid,
        max(productnumber) as product_number
    from {{ ref('stg_sales__products') }}
    group by productid
),

released as (
    select * from {{ ref('stg_finops__sellable_released_products') }} where deleted_at is null
),

units as (
    select
        unit_id,
        min(finops_symbol) as unit_symbol
    from {{ ref('keys_units') }}
    group by unit_id
),

unit_names as (
    select uomid, max(name) as unit_name from {{ ref('stg_sales__uoms') }} group by uomid
)

select
    headers.organization_id,
    lines.{{ line_id }} as line_id,
    headers.document_id,
    headers.data_area_id,
    headers.document_number,
    lines.sequencenumber as line_number,
    'sales' as system_of_record,
    products.product_number,
    released.product_number is not null as is_product_released,
    lines.productdescription as write_in,
    lines.quantity,
    unit_names.unit_name,
    units.unit_symbol,
    lines.priceperunit as price,
    coalesce(lines.manualdiscountamount, 0) as discount_amount,
    {{ external }} as has_external_products_only,
    {{ submitted }} as is_submitted,
    lines.deleted_at is not null as is_deleted,
    lines.deleted_at is null and (
        lines.sequencenumber is null or released.product_number is null or units.unit_symbol is null
    ) as cannot_be_sent
from lines
inner join headers on lines.{{ document_id }} = headers.document_id
left join products on lines.productid = products.productid
left join released
    on headers.data_area_id = released.data_area_id
    and products.product_number = released.product_number
left join units on lines.uomid = units.unit_id
left join unit_names on lines.uomid = unit_names.uomid
{%- endmacro %}

{# Reasons that keep a header back: its number, its currency, its country, one of its lines. #}
{% macro entered_header_reasons(number_column, finops_name, more=[]) -%}
    {{ reasons([
        reason('number_too_long', number_column, 'documents.document_number',
            "'A number of a " ~ finops_name ~ " in F&O has at most 20 characters: this one cannot be sent.'",
            'length(documents.document_number) > 20'),
        reason('no_number', number_column, 'documents.document_name',
            "'The document has no number.'", 'documents.document_number is null'),
        currency_reason('documents.currency_id', 'documents.currency_code'),
        country_reason('shipto_country', 'documents.delivery_country', 'documents.delivery_country_iso2'),
    ] + terms_reasons('documents') + more) }}
{%- endmacro %}

{# F&O has a document of that number that nothing shows to be this one (O9). #}
{% macro number_taken_reason(number_column, noun, customer, remedy, when) -%}
    {{ reason('number_taken', number_column, 'documents.document_number',
        "'F&O has " ~ noun ~ " with this number in ' || documents.data_area_id || ', of the customer ' || coalesce("
        ~ customer ~ ", '(blank)') || ', and nothing shows that the two are one: both are left alone. Give one"
        " of them another number; if they are one, " ~ remedy ~ ".'", when) }}
{%- endmacro %}

{# What keeps a header back for a while: a customer that is not there, a line that cannot be sent. #}
{% macro entered_header_blocked() -%}
    case
        when documents.customer_account is null and documents.customer_companies is not null
            then 'its customer ' || documents.account_elsewhere || ' is one of ' || documents.customer_companies
                || ', and the document is one of ' || documents.data_area_id || ': give it an owner in a business'
                || ' unit of ' || documents.customer_companies || ', or add a row for the business unit of the'
                || ' customer and ' || documents.data_area_id || ' to the seed legal_entities'
        when documents.customer_account is null
            then 'its customer is none in ' || documents.data_area_id || ': it has no usable number there'
        when customers.p2c_reasons is not null and customers.p2c_reasons <> '[]' and not documents.is_customer_in_finops
            then 'its customer ' || documents.customer_account || ' is rejected'
        when not documents.is_customer_in_finops and customers.p2c_source_key is null
            then 'its customer ' || documents.customer_account || ' is not in F&O'
        when lines.broken_line is not null
            then 'its line ' || lines.broken_line || ' cannot be sent'
    end
{%- endmacro %}

{# The customers' target rows that a document can refer to, of accounts and of contacts. #}
{% macro customer_targets() -%}
    select "dataAreaId", "CustomerAccount", "SiteId", "WarehouseId", p2c_source_key, p2c_reasons
    from {{ ref('target_finops__customers') }}
    where "CustomerAccount" is not null and not p2c_deleted
    union all
    select "dataAreaId", "CustomerAccount", "SiteId", "WarehouseId", p2c_source_key, p2c_reasons
    from {{ ref('target_finops__contact_customers') }}
    where "CustomerAccount" is not null and p2c_filtered is null and not p2c_deleted
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

{# Per document, the first line that F&O could not take, and the number of lines. #}
{% macro line_problems(lines) -%}
    select
        document_id,
        count(*) as line_count,
        min(case when cannot_be_sent then coalesce(cast(line_number as varchar), '?') end) as broken_line
    from {{ lines }}
    where not is_deleted
    group by document_id
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

{# Lines that F&O has in a quotation that is to be as its quote, and the quote has not: the active revision
   is what counts, whichever revision brought the line and whether or not that was ever read (Q5). #}
{% macro surplus_quotation_lines() -%}
    select
        held.data_area_id,
        held.sales_quotation_number as document_number,
        held.line_creation_sequence_number as line_number,
        headers.p2c_record_key as document_key
    from {{ ref('stg_finops__sales_quotation_lines') }} as held
    inner join {{ ref('target_finops__sales_quotation_headers') }} as headers
        on
            held.data_area_id = headers."dataAreaId"
            and held.sales_quotation_number = headers."SalesQuotationNumber"
    left join {{ ref('quotation_lines') }} as lines
        on
            headers.p2c_source_key = lines.document_id
            and held.line_creation_sequence_number = lines.line_number
    where
        held.deleted_at is null
        and lines.line_id is null
        and not headers.p2c_deleted
        and headers.p2c_filtered is null
        and headers.p2c_blocked is null
        and headers.p2c_reasons = '[]'
{%- endmacro %}
