{# Texts in the form in which they are compared. Functions of DuckDB stand in `default__` macros only. #}

{# Lower case, without accents and punctuation, one blank between words: `Müller & Söhne, S.A.` is
   `muller sohne sa`. `ae`, `oe`, `ue` are how some write ä, ö, ü. Null when nothing is left. #}
{% macro match_plain(column) -%}
    {{ return(adapter.dispatch('match_plain', 'prospect_to_cash')(column)) }}
{%- endmacro %}

{% macro default__match_plain(column) -%}
    {%- set letters -%}
        replace(replace(translate(strip_accents(lower({{ column }})), 'øłđı''’`´', 'oldi'), 'ß', 'ss'), 'æ', 'a')
    {%- endset -%}
    {%- set unfolded -%}
        regexp_replace({{ letters }}, '([aou])e', '\1', 'g')
    {%- endset -%}
    {%- set initials -%}
        regexp_replace({{ unfolded }}, '\b(\pL)\.', '\1', 'g')
    {%- endset -%}
    nullif(trim(regexp_replace({{ initials }}, '[^\pL\pN]+', ' ', 'g')), '')
{%- endmacro %}

{# Letters and digits only, in lower case: of postal codes, tax numbers, and numbers of records. #}
{% macro match_code(column) -%}
    {{ return(adapter.dispatch('match_code', 'prospect_to_cash')(column)) }}
{%- endmacro %}

{% macro default__match_code(column) -%}
    nullif(regexp_replace(lower({{ column }}), '[^\pL\pN]', '', 'g'), '')
{%- endmacro %}

{# The last eight digits: country code, leading zero, blanks and extension are written in many ways, the
   end is not. Null for fewer than six digits. #}
{% macro match_phone(column) -%}
    {{ return(adapter.dispatch('match_phone', 'prospect_to_cash')(column)) }}
{%- endmacro %}

{% macro default__match_phone(column) -%}
    {%- set number -%}
        regexp_replace(lower({{ column }}), '(\(0\)|[ ,;]*(ext|extension|x|dw)[. :]*[0-9]{1,5}$)', '', 'g')
    {%- endset -%}
    nullif(right(regexp_extract(regexp_replace({{ number }}, '[^0-9]', '', 'g'), '^[0-9]{6,}$'), 8), '')
{%- endmacro %}

{# An address with one @, in lower case, without what stands behind a +. #}
{% macro match_email(column) -%}
    {{ return(adapter.dispatch('match_email', 'prospect_to_cash')(column)) }}
{%- endmacro %}

{% macro default__match_email(column) -%}
    nullif(regexp_extract(regexp_replace(lower(trim({{ column }})), '\+[^@]*@', '@'), '^[^@ ]+@[^@ ]+\.[^@ .]+$'), '')
{%- endmacro %}

{# A postal code as its own part: the four digits behind the dash of an American one are left out. #}
{% macro match_postal_code(column) -%}
    {{ match_code("regexp_replace(trim(" ~ column ~ "), '^([0-9]{5})-[0-9]{4}$', '\\1')") }}
{%- endmacro %}

{# A street; `Hauptstr. 5` and `Hauptstraße 5` are both `haupt str 5`. #}
{% macro match_street(column) -%}
    {{ return(adapter.dispatch('match_street', 'prospect_to_cash')(column)) }}
{%- endmacro %}

{% macro default__match_street(column) -%}
    regexp_replace({{ match_plain(column) }}, '(\pL)(strasse|str)\b', '\1 str', 'g')
{%- endmacro %}

{# What stands behind the @. #}
{% macro match_domain(email) -%}
    substring({{ email }}, position('@' in {{ email }}) + 1)
{%- endmacro %}
