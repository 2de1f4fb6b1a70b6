{# What counts as blank at the ends of a text, besides the space: tabs, line ends, and the spaces that
   web pages and spreadsheets leave behind (no-break, em, ideographic, of no width). #}
{% macro blanks() -%}
    {{- "' \t\n\x0b\x0c\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff'" -}}
{%- endmacro %}

{# Both systems have their own way of saying "empty": staging makes all of them null. #}
{% macro clean_text(column) -%}
    nullif(trim({{ column }}, {{ blanks() }}), '')
{%- endmacro %}

{# F&O sends 1900-01-01 for "no date", and date-only columns at noon (protocols B6). #}
{% macro clean_date(column) -%}
    nullif(cast({{ column }} as date), date '1900-01-01')
{%- endmacro %}

{% macro clean_timestamp(column) -%}
    case when cast({{ column }} as date) <> date '1900-01-01' then {{ column }} end
{%- endmacro %}

{# F&O's NoYes as a boolean. #}
{% macro clean_no_yes(column) -%}
    ({{ column }} = 'Yes')
{%- endmacro %}

{# Cut to the length the target keeps; `cuts` reports what was lost. #}
{% macro fit(column, length) -%}
    trim(substring({{ column }}, 1, {{ length }}), {{ blanks() }})
{%- endmacro %}
