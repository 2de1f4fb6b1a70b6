-- The macros and loops around the counts have no indent of their own.
-- noqa: disable=LT02
-- Counted from staging, not from the models that decide the fates: what gets lost on the way
-- between the two makes the equation fail.
with sources as (
    {{ counted_source('changes_sales__products') }}
    select count(distinct product_number) as n
    from {{ ref('stg_finops__sellable_released_products') }}
    {{ counted_source_end() }}
    union all
    {{ counted_source('changes_sales__productpricelevels') }}
    select count(*) as n
    from (
        select distinct product_number, upper(currency_code) as currency_code
        from {{ ref('stg_finops__sellable_released_products') }}
    ) as prices
    {{ counted_source_end() }}
    union all
    {{ counted_source('changes_finops__customers') }}
    select count(*) as n
    from {{ ref('stg_sales__accounts') }} as accounts
    left join {{ ref('keys_legal_entities') }} as entities
        on accounts.owningbusinessunit = entities.business_unit_id
    {{ counted_source_end() }}
    union all
    {{ counted_source('changes_finops__contact_persons') }}
    select count(*) as n
    from {{ ref('stg_sales__contacts') }} as contacts
    left join {{ ref('keys_legal_entities') }} as entities
        on contacts.owningbusinessunit = entities.business_unit_id
    {{ counted_source_end() }}
    union all
    {{ counted_source('changes_finops__contact_customers') }}
    select count(*) as n
    from {{ ref('stg_sales__contacts') }} as contacts
    left join {{ ref('keys_legal_entities') }} as entities
        on contacts.owningbusinessunit = entities.business_unit_id
    {{ counted_source_end() }}
    union all
    {{ counted_source('changes_finops__sales_quotation_headers') }}
    select count(*) as n from {{ ref('stg_sales__quotes') }}
    {{ counted_source_end() }}
    union all
    {{ counted_source('changes_finops__sales_quotation_lines') }}
    select count(*) as n from {{ ref('stg_sales__quotedetails') }}
    {{ counted_source_end() }}
    union all
    {{ counted_source('changes_finops__sales_order_headers') }}
    select count(*) as n from {{ ref('stg_sales__salesorders') }}
    {{ counted_source_end() }}
    union all
    {{ counted_source('changes_finops__sales_order_lines') }}
    select count(*) as n from {{ ref('stg_sales__salesorderdetails') }}
    {{ counted_source_end() }}
    union all
    {{ counted_source('changes_sales__salesorders') }}
    select count(*) as n from {{ ref('stg_finops__sales_order_headers') }}
    {{ counted_source_end() }}
    union all
    {{ counted_source('changes_sales__salesorderdetails') }}
    select
        (select count(*) from {{ ref('stg_finops__sales_order_lines') }})
        + (select count(*) from ({{ unread_order_lines() }}) as orphans) as n
    {{ counted_source_end() }}
    union all
    {{ counted_source('changes_sales__invoices') }}
    select count(*) as n from {{ ref('stg_finops__sales_invoice_headers') }}
    {{ counted_source_end() }}
    union all
    {{ counted_source('changes_sales__invoicedetails') }}
    select count(*) as n from {{ ref('stg_finops__sales_invoice_lines') }}
    {{ counted_source_end() }}
    union all
    {{ counted_source('changes_sales__account_numbers') }}
    select count(*) as n from {{ ref('stg_sales__accounts') }}
    {{ counted_source_end() }}
    union all
    {{ counted_source('changes_sales__contact_numbers') }}
    select count(*) as n from {{ ref('stg_sales__contacts') }}
    {{ counted_source_end() }}
),

fates as (
    select
        flow,
        target,
        {% for fate in ['filtered', 'identical', 'create', 'update', 'deactivate', 'rejected', 'blocked', 'conflict'] %}
            sum(case when fate = '{{ fate }}' then 1 else 0 end) as "{{ fate }}",
        {% endfor %}
        sum(case when is_drift then 1 else 0 end) as drift
    from {{ ref('record_fates') }}
    group by flow, target
)

select
    sources.flow,
    sources.target,
    cast(sources.n as bigint) as source_rows,
    {% for fate in ['filtered', 'identical', 'create', 'update', 'deactivate', 'rejected', 'blocked', 'conflict', 'drift'] %}
        cast(coalesce(fates."{{ fate }}", 0) as bigint) as "{{ fate }}"{{ ',' if not loop.last }}
    {% endfor %}
from sources
left join fates on sources.flow = fates.flow and sources.target = fates.target
