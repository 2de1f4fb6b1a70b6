{# The code of a country text: blank means the default country, a text no map knows stays null (G3).
   Expects the joins `<prefix>_map` and `default_country`. #}
{% macro country_code(text, prefix, code) -%}
    case when {{ text }} is null then default_country.{{ code }} else {{ prefix }}_map.{{ code }} end
{%- endmacro %}

{# The reason for a country text that no map knows. #}
{% macro country_reason(column, text, code) -%}
    {{ reason(
        'no_value_map', column, text,
        "'The country ' || " ~ text ~ " || ' is not in the seed value_map_countries: add a row for it"
        " (sales_text, iso2, iso3), or correct it in Sales.'",
        code ~ ' is null') }}
{%- endmacro %}
