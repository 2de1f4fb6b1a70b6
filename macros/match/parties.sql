{# Records of Sales and the legal entities of their business unit (G1): what goes behind a select list
   that reads `records.…` and `companies.data_area_id`. Staging and seeds only. #}
{% macro match_companies() -%}
    select
        units.businessunitid as business_unit_id,
        coalesce(entities.data_area_id, defaults.data_area_id) as data_area_id
    from {{ ref('stg_sales__businessunits') }} as units
    left join {{ ref('stg_seeds__legal_entities') }} as entities
        on lower(units.name) = lower(entities.business_unit)
    cross join (
        select data_area_id from {{ ref('stg_seeds__legal_entities') }} where is_default
    ) as defaults
{%- endmacro %}
