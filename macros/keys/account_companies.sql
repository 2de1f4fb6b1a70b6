{# One row per account and legal entity that its business unit belongs to (G1). #}
{% macro account_companies() -%}
    {{ party_companies(ref('stg_sales__accounts'), 'account', 'accountid', 'accountnumber') }}
{%- endmacro %}

{# The same of contacts. #}
{% macro contact_companies() -%}
    {{ party_companies(ref('stg_sales__contacts'), 'contact', 'contactid', 'msdynce_contactnumber') }}
{%- endmacro %}

{% macro party_companies(records, noun, id, number) -%}
    select
        records.{{ id }} as {{ noun }}_id,
        coalesce(entities.data_area_id, defaults.data_area_id) as data_area_id,
        records.{{ number }} as {{ noun }}_number,
        records.deleted_at is null as is_alive
    from {{ records }} as records
    left join {{ ref('keys_legal_entities') }} as entities
        on records.owningbusinessunit = entities.business_unit_id
    cross join (select data_area_id from {{ ref('stg_seeds__legal_entities') }} where is_default) as defaults
{%- endmacro %}
