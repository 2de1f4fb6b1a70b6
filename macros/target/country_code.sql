{# The code of a country text: blank means the default country, a text no map knows stays null (G3).
   Expects the joins `<prefix>_map` and `default_country`; without a row for that, null as well. #}
{% macro country_code(text, prefix, code) -%}
    case when {{ text }} is null then default_country.{{ code }} else {{ prefix }}_map.{{ code }} end
{%- endmacro %}

{# The one row of the default country, for `left join … on true`: a setting that names no country must
   not empty the model. #}
{% macro default_country() -%}
    select iso2, iso3 from {{ ref('stg_seeds__value_map_countries') }}
    where sales_text = lower({{ text_var('default_country') }})
{%- endmacro %}

{# The reason for a country text that no map knows, the setting's included. #}
{% macro country_reason(column, text, code) -%}
    {{ reason(
        'no_value_map', column, text,
        "case when " ~ text ~ " is null then 'There is no country, and the one of the setting"
        " default_country, ' || " ~ text_var('default_country') ~ " || ', is not in the seed"
        " value_map_countries: correct the setting in dbt_project.yml, or give the record a country.'"
        " else 'The country ' || " ~ text ~ " || ' is not in the seed value_map_countries: add a row for it"
        " (sales_text, iso2, iso3), or correct it in Sales.' end",
        code ~ ' is null') }}
{%- endmacro %}
