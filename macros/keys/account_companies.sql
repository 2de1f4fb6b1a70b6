{# One row per account and legal entity that its business unit belongs to (G1). #}
{% macro account_companies() -%}
    select
        accounts.accountid as account_id,
        coalesce(entities.data_area_id, defaults.data_area_id) as data_area_id,
        accounts.accountnumber as account_number,
        accounts.deleted_at is null as is_alive
    from {{ ref('stg_sales__accounts') }} as accounts
    left join {{ ref('keys_legal_entities') }} as entities
        on accounts.owningbusinessunit = entities.business_unit_id
    cross join (select data_area_id from {{ ref('stg_seeds__legal_entities') }} where is_default) as defaults
{%- endmacro %}
