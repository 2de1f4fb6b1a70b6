{# Rows of key_overrides that no record answers to; one that a record answers to and that cannot be gone
   by is that record's reason (wrong_override). #}
{% macro override_problems() -%}
    {{ seed_problem('key_overrides', 'overrides.seed_row', 'sales_id', 'overrides.sales_id',
        "case
            when named.accountid is null then 'no account has this id: correct it, or take the row out'
            else 'the account is none of ' || overrides.data_area_id || ' (its business unit is another''s):"
        ~ " correct data_area_id, or take the row out'
        end") }}
    from {{ ref('stg_seeds__key_overrides') }} as overrides
    left join {{ ref('stg_sales__accounts') }} as named
        on
            named.deleted_at is null
            and lower(overrides.sales_id) in (named.accountid, lower(named.accountnumber))
    left join {{ ref('keys_customer_overrides') }} as used
        on
            named.accountid = used.account_id
            and coalesce(overrides.data_area_id, used.data_area_id) = used.data_area_id
    where overrides.entity = 'customers' and used.account_id is null
    union
    {{ seed_problem('key_overrides', 'overrides.seed_row', 'finops_key', 'overrides.finops_key',
        "'F&O releases no product of this number: correct it, or take the row out'") }}
    from {{ ref('stg_seeds__key_overrides') }} as overrides
    left join {{ ref('keys_products') }} as products
        on lower(overrides.finops_key) = lower(products.product_number)
    where overrides.entity = 'products' and products.product_number is null
{%- endmacro %}

{# Settings that name something which is not there. #}
{% macro setting_problems() -%}
    {{ seed_problem('setting', 'null', 'default_country', text_var('default_country'),
        "'value_map_countries has no such country, and records without one are rejected: correct it in"
        ~ " dbt_project.yml'") }}
    where not exists ({{ default_country() }})
    union
    {{ seed_problem('setting', 'null', 'default_currency', text_var('default_currency'),
        "'Sales has no such currency: correct it in dbt_project.yml, unless F&O alone has it'") }}
    where
        exists (select 1 from {{ ref('keys_currencies') }})
        and upper({{ text_var('default_currency') }}) not in (select currency_code from {{ ref('keys_currencies') }})
    union
    {{ seed_problem('setting', 'null', 'price_list', text_var('price_list'),
        "'Sales has no price list of this name: correct it in dbt_project.yml'", 'products') }}
    where
        {{ text_var('price_list') }} <> ''
        and lower({{ text_var('price_list') }}) not in (
            select lower(name) from {{ ref('stg_sales__pricelevels') }} where deleted_at is null
        )
{%- endmacro %}
