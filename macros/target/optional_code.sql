{# A code that is mapped only when its seed has rows (G4); null leaves the target's value alone. #}
{% macro optional_code(seed, code) -%}
    (
        select max(map.finops_code)
        from {{ ref('stg_seeds__' ~ seed) }} as map
        where map.sales_code = {{ code }}
    )
{%- endmacro %}

{% macro optional_code_reason(seed, column, code, mapped) -%}
    {{ reason(
        'no_value_map', column, code,
        "'The code ' || cast(" ~ code ~ " as varchar) || ' is not in the seed " ~ seed ~ ": add a row"
        " for it, or empty the seed to leave the field alone.'",
        code ~ ' is not null and ' ~ mapped ~ ' is null and exists (select 1 from '
        ~ ref('stg_seeds__' ~ seed) ~ ')') }}
{%- endmacro %}
