{# How many source records each target has, counted in staging and not by the models that decide the
   fates: what gets lost on the way between the two makes the equation fail. One macro for each target,
   `source_rows_<system>__<entity set>`: a query of one number. #}

{% macro source_rows(target) -%}
    {%- set name = 'source_rows_' ~ target -%}
    {%- if name not in context -%}
        {{ exceptions.raise_compiler_error(
            'Nothing says how many source records ' ~ target ~ ' has: add a macro ' ~ name
            ~ ' to macros/quality/source_rows.sql, a query that counts them in staging.') }}
    {%- endif -%}
    {{ context[name]() }}
{%- endmacro %}

{% macro rows_of(staged) -%}
    select count(*) as n from {{ staged }}
{%- endmacro %}

{# A record of Sales counts once for each legal entity that its business unit belongs to (G1). #}
{% macro rows_by_company(staged) -%}
    select count(*) as n
    from {{ staged }} as records
    left join {{ ref('keys_legal_entities') }} as entities
        on records.owningbusinessunit = entities.business_unit_id
{%- endmacro %}

{% macro source_rows_sales__products() -%}
    select count(distinct product_number) as n from {{ ref('stg_finops__sellable_released_products') }}
{%- endmacro %}

{% macro source_rows_sales__productpricelevels() -%}
    select count(*) as n
    from (
        select distinct product_number, upper(currency_code) as currency_code
        from {{ ref('stg_finops__sellable_released_products') }}
        union all
        select price_list_item_id, currency_code from {{ ref('keys_price_list_leftovers') }}
    ) as prices
{%- endmacro %}

{% macro source_rows_finops__customers() -%}{{ rows_by_company(ref('stg_sales__accounts')) }}{%- endmacro %}

{# And the contact persons that contacts have left behind with another customer (C7). #}
{% macro source_rows_finops__contact_persons() -%}
    select
        ({{ rows_by_company(ref('stg_sales__contacts')) }})
        + (select count(*) from {{ ref('keys_left_contact_persons') }}) as n
{%- endmacro %}

{% macro source_rows_finops__contact_customers() -%}{{ rows_by_company(ref('stg_sales__contacts')) }}{%- endmacro %}

{% macro source_rows_finops__sales_quotation_headers() -%}{{ rows_of(ref('stg_sales__quotes')) }}{%- endmacro %}

{% macro source_rows_finops__sales_quotation_lines() -%}
    select
        (select count(*) from {{ ref('stg_sales__quotedetails') }})
        + (select count(*) from ({{ surplus_quotation_lines() }}) as surplus) as n
{%- endmacro %}

{% macro source_rows_finops__sales_order_headers() -%}{{ rows_of(ref('stg_sales__salesorders')) }}{%- endmacro %}

{% macro source_rows_finops__sales_order_lines() -%}{{ rows_of(ref('stg_sales__salesorderdetails')) }}{%- endmacro %}

{% macro source_rows_sales__salesorders() -%}{{ rows_of(ref('stg_finops__sales_order_headers')) }}{%- endmacro %}

{% macro source_rows_sales__salesorderdetails() -%}
    select
        (select count(*) from {{ ref('stg_finops__sales_order_lines') }})
        + (select count(*) from ({{ unread_order_lines() }}) as orphans) as n
{%- endmacro %}

{% macro source_rows_sales__invoices() -%}{{ rows_of(ref('stg_finops__sales_invoice_headers')) }}{%- endmacro %}

{% macro source_rows_sales__invoicedetails() -%}{{ rows_of(ref('stg_finops__sales_invoice_lines')) }}{%- endmacro %}

{% macro source_rows_sales__account_numbers() -%}{{ rows_of(ref('stg_sales__accounts')) }}{%- endmacro %}

{% macro source_rows_sales__contact_numbers() -%}{{ rows_of(ref('stg_sales__contacts')) }}{%- endmacro %}
