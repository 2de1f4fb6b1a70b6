{# The kind of a pair, by the agreement and the rarity of its columns. #}
{% macro match_kind(pairs) -%}
    {%- for column in match_columns() %}
    cast({{ 16 ** loop.index0 }} as bigint) * ({{ pairs }}.{{ column }} + case
        when {{ pairs }}.{{ column }} > 1 and {{ pairs }}.{{ column }}_records <= {{ number_var('match_rare') }} then 4 else 0 end)
    {{- ' +' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# How much the columns of a pair say together, to tell the better of two pairs: eight points for a value
   of one record, one less each time that twice as many share it, less for what is only close. #}
{% macro match_weight(pairs) -%}
    cast(
        {%- for column in match_columns() %}
        case {{ pairs }}.{{ column }}
            when 4 then 1.0 when 3 then 0.8 when 2 then 0.4
            when 1 then {{ -0.8 if column in ('name', 'tax_number') else -0.2 }} else 0.0
        end * case when {{ pairs }}.{{ column }} > 1 then greatest(1.0, 8 - log2({{ pairs }}.{{ column }}_records)) else 8 end
        {{- ' +' if not loop.last }}
        {%- endfor %} as float
    )
{%- endmacro %}

{# Whether a kind of pair has what a rule asks of every column. #}
{% macro match_rule_holds(kinds, rules) -%}
    {%- for column in match_columns() %}
    case {{ rules }}.{{ column }}
        {%- for word, levels in match_words_of_agreement().items() %}
        when '{{ word }}' then {{ match_digit(kinds ~ '.kind', column) }} in ({{ levels | join(', ') }})
        {%- endfor %}
        else true
    end
    {{- '\n    and ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
