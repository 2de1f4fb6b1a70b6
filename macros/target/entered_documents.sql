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
    waiting.question as customer_question,
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
left join {{ ref('match_waiting') }} as waiting
    on
        parties.party_id is null
        and waiting.entity in ('customers', 'contacts')
        and placed.customerid = waiting.source_key
        and placed.data_area_id = waiting.data_area_id
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
