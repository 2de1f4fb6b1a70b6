{# The raw and staging name of an F&O field: AddressCountryRegionISOCode is
   address_country_region_iso_code. Sales' names are lower case already and stay as they are. #}
{% macro snake(name) -%}
    {{- modules.re.sub('(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', name) | lower -}}
{%- endmacro %}
