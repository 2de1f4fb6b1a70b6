{# How two values agree, as a number: 0 one is missing, 1 they differ, 2 alike, 3 close, 4 the same; four
   more for 2 to 4 where the value is rare. The numbers of a pair's columns are the digits of one number
   to the base of 16, so that rules are looked up once for each kind of pair and not for each pair. #}

{% macro match_words_of_agreement() -%}
    {{ return({
        'same': [4, 8], 'close': [3, 4, 7, 8], 'alike': [2, 3, 4, 6, 7, 8], 'same rare': [8],
        'close rare': [7, 8], 'alike rare': [6, 7, 8], 'open': [0, 2, 3, 4, 6, 7, 8], 'empty': [0],
    }) }}
{%- endmacro %}

{# The columns of pairs of records, each with its agreement and with how many share the value. #}
{% macro match_compared(pairs, records) -%}
    select
        {{ pairs }}.*
        {%- for column in match_columns() %},
        {{ match_level(column) }} as {{ column }},
        greatest(sales.{{ column }}_records, finops.{{ column }}_records) as {{ column }}_records
        {%- endfor %}
    from {{ pairs }}
    inner join {{ records }} as sales on {{ pairs }}.sales_no = sales.record_no
    inner join {{ records }} as finops on {{ pairs }}.finops_no = finops.record_no
{%- endmacro %}

{# The agreement of one column of the pair of `sales` and `finops`, before rarity. #}
{% macro match_level(column) -%}
    {%- set mine, theirs = 'sales.' ~ column, 'finops.' ~ column -%}
    case
        when {{ mine }} is null or {{ theirs }} is null then 0
        when {{ mine }} = {{ theirs }} then 4
        {%- if column == 'name' %}
        when replace(sales.plain_name, ' ', '') = replace(finops.plain_name, ' ', '') then 4
        when sales.figures = finops.figures and (
            {{ match_similarity('sales.plain_name', 'finops.plain_name') }} >= 0.88
            or {{ match_similarity(mine, theirs) }} >= 0.88
        ) then 3
        when {{ match_other_figures() }} then 1
        when
            {{ match_similarity('sales.plain_name', 'finops.plain_name') }} >= 0.75
            or {{ match_similarity(mine, theirs) }} >= 0.75
            or {{ match_contains(mine, theirs) }}
            or {{ match_begins('sales.plain_name', 'finops.plain_name') }}
            or (sales.entity = 'contacts' and {{ match_initials('sales.plain_name', 'finops.plain_name') }})
            or (sales.entity = 'products' and {{ match_shares_words(mine, theirs) }})
            then 2
        {%- elif column == 'parent_name' %}
        when {{ match_similarity(mine, theirs) }} >= 0.88 then 3
        when {{ match_similarity(mine, theirs) }} >= 0.75 or {{ match_contains(mine, theirs) }} then 2
        {%- elif column == 'street' %}
        when {{ match_contains(mine, theirs) }} then 3
        when {{ match_similarity(mine, theirs) }} >= 0.8 and {{ match_figures(mine) }} = {{ match_figures(theirs) }}
            then 3
        when {{ match_similarity(mine, theirs) }} >= 0.75 then 2
        {%- elif column == 'town' %}
        when {{ match_similarity(mine, theirs) }} >= 0.8 then 3
        when {{ match_contains(mine, theirs) }} then 2
        {%- elif column in ('number', 'email', 'phone', 'postal_code', 'tax_number') %}
        when {{ match_one_error(mine, theirs) }} then 3
        {%- endif %}
        else 1
    end
{%- endmacro %}

{# 1 for equal texts, 0 for texts with little in common: the share of letters that need no change, a swap
   of neighbours being one change. Jaro-Winkler is thirty times as fast and says for most pairs that
   the exact distance is not worth counting. #}
{% macro match_similarity(a, b) -%}
    {{ return(adapter.dispatch('match_similarity', 'prospect_to_cash')(a, b)) }}
{%- endmacro %}

{% macro default__match_similarity(a, b) -%}
    case
        when jaro_winkler_similarity({{ a }}, {{ b }}) < 0.8 then 0
        else 1 - damerau_levenshtein({{ a }}, {{ b }}) / cast(greatest(length({{ a }}), length({{ b }})) as double)
    end
{%- endmacro %}

{# One letter or digit is wrong, missing or added, or two neighbours are swapped. #}
{% macro match_one_error(a, b) -%}
    {{ return(adapter.dispatch('match_one_error', 'prospect_to_cash')(a, b)) }}
{%- endmacro %}

{% macro default__match_one_error(a, b) -%}
    case
        when jaro_winkler_similarity({{ a }}, {{ b }}) < 0.7 then false
        when levenshtein({{ a }}, {{ b }}) > 2 then false
        else damerau_levenshtein({{ a }}, {{ b }}) <= 1
    end
{%- endmacro %}

{# Every word of the shorter one is in the longer one. #}
{% macro match_contains(a, b) -%}
    {{ return(adapter.dispatch('match_contains', 'prospect_to_cash')(a, b)) }}
{%- endmacro %}

{% macro default__match_contains(a, b) -%}
    (
        list_has_all(string_split({{ a }}, ' '), string_split({{ b }}, ' '))
        or list_has_all(string_split({{ b }}, ' '), string_split({{ a }}, ' '))
    )
{%- endmacro %}

{# Products of one family and shops of a chain may differ by a figure alone. #}
{% macro match_other_figures() -%}
    sales.figures <> '' and finops.figures <> '' and not {{ match_contains('sales.figures', 'finops.figures') }}
    and not {{ match_one_error('sales.figures', 'finops.figures') }}
{%- endmacro %}

{# One is the beginning of the other, as in a field that is too short. #}
{% macro match_begins(a, b) -%}
    (
        least(length({{ a }}), length({{ b }})) >= 5
        and substring({{ a }}, 1, length({{ b }})) = substring({{ b }}, 1, length({{ a }}))
    )
{%- endmacro %}

{# Three words or more and three of five of the shorter one are in both: names of products are long. #}
{% macro match_shares_words(a, b) -%}
    {{ return(adapter.dispatch('match_shares_words', 'prospect_to_cash')(a, b)) }}
{%- endmacro %}

{% macro default__match_shares_words(a, b) -%}
    len(list_intersect(string_split({{ a }}, ' '), string_split({{ b }}, ' ')))
    >= greatest(3, 0.6 * least(len(string_split({{ a }}, ' ')), len(string_split({{ b }}, ' '))))
{%- endmacro %}

{# The same last word behind the same first letter: `a smith` and `anna smith`. #}
{% macro match_initials(a, b) -%}
    {{ return(adapter.dispatch('match_initials', 'prospect_to_cash')(a, b)) }}
{%- endmacro %}

{% macro default__match_initials(a, b) -%}
    (
        substring({{ a }}, 1, 1) = substring({{ b }}, 1, 1)
        and split_part({{ a }}, ' ', -1) = split_part({{ b }}, ' ', -1)
    )
{%- endmacro %}

{# One column's digit of a kind of pair. #}
{% macro match_digit(kind, column) -%}
    {%- set place = match_columns().index(column) -%}
    {{ return(adapter.dispatch('match_digit', 'prospect_to_cash')(kind, 16 ** place)) }}
{%- endmacro %}

{% macro default__match_digit(kind, unit) -%}
    cast(({{ kind }} // {{ unit }}) % 16 as tinyint)
{%- endmacro %}
