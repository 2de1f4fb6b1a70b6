{# Rows of key_overrides that no record answers to; one that a record answers to and that cannot be gone
   by is that record's reason (wrong_override). #}
{% macro override_problems() -%}
    {{ party_override_problems('customers', 'account', ref('stg_sales__accounts'), 'accountid', 'accountnumber',
        ref('keys_customer_overrides'), 'account_id') }}
    union
    {{ party_override_problems('contacts', 'contact', ref('stg_sales__contacts'), 'contactid', 'msdynce_contactnumber',
        ref('keys_contact_overrides'), 'contact_id') }}
    union
    {{ seed_problem('key_overrides', 'overrides.seed_row', 'finops_key', 'overrides.finops_key',
        "'F&O releases no product of this number: correct it, or take the row out'") }}
    from {{ ref('stg_seeds__key_overrides') }} as overrides
    left join {{ ref('keys_products') }} as products
        on lower(overrides.finops_key) = lower(products.product_number)
    where overrides.entity = 'products' and products.product_number is null
    union
    {{ denial_problems() }}
{%- endmacro %}

{# Rows for accounts or contacts that Sales does not have, or not in that legal entity. #}
{% macro party_override_problems(entity, noun, records, id, number, overrides, party_id) -%}
    {{ seed_problem('key_overrides', 'overrides.seed_row', 'sales_id', 'overrides.sales_id',
        "case
            when named." ~ id ~ " is null then 'no " ~ noun ~ " has this id: correct it, or take the row out'
            else 'the " ~ noun ~ " is none of ' || overrides.data_area_id || ' (its business unit is another''s):"
        ~ " correct data_area_id, or take the row out'
        end") }}
    from {{ ref('stg_seeds__key_overrides') }} as overrides
    left join {{ records }} as named
        on
            named.deleted_at is null
            and lower(overrides.sales_id) in (named.{{ id }}, lower(named.{{ number }}))
    left join {{ overrides }} as used
        on
            named.{{ id }} = used.{{ party_id }}
            and coalesce(overrides.data_area_id, used.data_area_id) = used.data_area_id
    where
        overrides.entity = '{{ entity }}' and used.{{ party_id }} is null
        and (overrides.decision = 'pair' or named.{{ id }} is null)
{%- endmacro %}

{# Records that were decided to be different and were never there, as a wrong letter makes it. #}
{% macro denial_problems() -%}
    {{ seed_problem('key_overrides', 'overrides.seed_row', 'finops_key', 'overrides.finops_key',
        "'F&O has no record of this key: correct it, or take the row out'") }}
    from {{ ref('stg_seeds__key_overrides') }} as overrides
    left join (
        select
            'customers' as entity,
            data_area_id,
            lower(customer_account) as finops_key
        from {{ ref('stg_finops__customers') }}
        union
        select
            'contacts' as entity,
            data_area_id,
            lower(customer_account) as finops_key
        from {{ ref('stg_finops__customers') }}
        where party_type = 'Person'
        union
        select
            'contacts' as entity,
            data_area_id,
            lower(contact_person_party_number) as finops_key
        from {{ ref('stg_finops__contact_persons') }}
    ) as there
        on
            overrides.entity = there.entity
            and lower(overrides.finops_key) = there.finops_key
            and coalesce(overrides.data_area_id, there.data_area_id) = there.data_area_id
    where overrides.entity <> 'products' and overrides.decision = 'different' and there.finops_key is null
    union
    {{ seed_problem('key_overrides', 'overrides.seed_row', 'sales_id', 'overrides.sales_id',
        "'Sales has no product of this id: correct it, or take the row out'") }}
    from {{ ref('stg_seeds__key_overrides') }} as overrides
    left join {{ ref('stg_sales__products') }} as products
        on overrides.sales_id = products.productid
    where overrides.entity = 'products' and overrides.decision = 'different' and products.productid is null
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
