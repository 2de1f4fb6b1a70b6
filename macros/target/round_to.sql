{# Rounded to a number of decimals that a row says (0 to 4): `round` takes no column for it. #}
{% macro round_to(expression, decimals) -%}
    case {{ decimals }}
        {%- for places in range(4) %}
        when {{ places }} then round({{ expression }}, {{ places }})
        {%- endfor %}
        else round({{ expression }}, 4)
    end
{%- endmacro %}
