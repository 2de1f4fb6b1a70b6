{# One finding about a row of a seed, or about a setting (`seed` is then `setting`): the select list.
   `message` is an SQL expression that says what to write; `holds` names the flows that wait. #}
{% macro seed_problem(seed, row, column, value, message, holds=none) -%}
    select
        '{{ seed }}' as seed,
        cast({{ row }} as bigint) as seed_row,
        '{{ column }}' as column_name,
        cast({{ value }} as varchar) as value,
        {{ message }} as message,
        cast({{ "'" ~ holds ~ "'" if holds else 'null' }} as varchar) as holds
{%- endmacro %}

{# The flows that wait for a seed, as seeds/_seeds.yml declares them. #}
{% macro seed_holds(seed) -%}
    {%- for node in (graph.nodes or {}).values() if node.resource_type == 'seed' and node.name == seed -%}
        {{ return(node.config.meta.get('holds', []) | join(', ')) }}
    {%- endfor -%}
{%- endmacro %}

{# A value map by another column knows countries by their two letters only: a row for `Germany` would
   never fit, and its customers would get the default. #}
{% macro unknown_source_countries(seed) -%}
    {{ seed_problem(seed, 'map.seed_row', 'source_value', 'map.source_value',
        "'write the two letters of a country, as iso2 in value_map_countries has them'", seed_holds(seed)) }}
    from {{ ref('stg_seeds__' ~ seed) }} as map
    left join (select distinct lower(iso2) as iso2 from {{ ref('stg_seeds__value_map_countries') }}) as known
        on map.source_value = known.iso2
    where map.source_column in ('country', 'delivery_country') and known.iso2 is null
{%- endmacro %}
