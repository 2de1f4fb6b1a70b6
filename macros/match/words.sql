{# The words of texts, one row each: of every field of `records` (record_no, entity and the fields). #}
{% macro match_split(records, fields) -%}
    {{ return(adapter.dispatch('match_split', 'prospect_to_cash')(records, fields)) }}
{%- endmacro %}

{% macro default__match_split(records, fields) -%}
    select
        record_no,
        entity,
        field,
        unnest(string_split(plain, ' ')) as word,
        generate_subscripts(string_split(plain, ' '), 1) as place
    from (
        {%- for field in fields %}
        select
            record_no,
            entity,
            '{{ field }}' as field,
            {{ match_street(field) if field == 'street' else match_plain(field) }} as plain
        from {{ records }}
        where {{ field }} is not null
        {{- ' union all' if not loop.last }}
        {%- endfor %}
    ) as texts
    where plain is not null
{%- endmacro %}

{# Words of a group put together again, in their order; all of them where `is_kept` is true for none. #}
{% macro match_joined_words(word, is_kept, place) -%}
    {{ return(adapter.dispatch('match_joined_words', 'prospect_to_cash')(word, is_kept, place)) }}
{%- endmacro %}

{% macro default__match_joined_words(word, is_kept, place) -%}
    coalesce(
        string_agg({{ word }}, ' ' order by {{ place }}) filter (where {{ is_kept }}),
        string_agg({{ word }}, ' ' order by {{ place }})
    )
{%- endmacro %}

{# The same words in alphabetical order, each once. #}
{% macro match_sorted(words) -%}
    {{ return(adapter.dispatch('match_sorted', 'prospect_to_cash')(words)) }}
{%- endmacro %}

{% macro default__match_sorted(words) -%}
    array_to_string(list_sort(list_distinct(string_split({{ words }}, ' '))), ' ')
{%- endmacro %}

{# The figures in a text, sorted: `bolt m8 40mm` has `40 8`. Empty when there is none. #}
{% macro match_figures(words) -%}
    {{ return(adapter.dispatch('match_figures', 'prospect_to_cash')(words)) }}
{%- endmacro %}

{% macro default__match_figures(words) -%}
    array_to_string(list_sort(regexp_extract_all({{ words }}, '[0-9]+')), ' ')
{%- endmacro %}

{# The words of a text as rows of one query: `unnest` in the select list. #}
{% macro match_each_word(words) -%}
    {{ return(adapter.dispatch('match_each_word', 'prospect_to_cash')(words)) }}
{%- endmacro %}

{% macro default__match_each_word(words) -%}
    unnest(string_split({{ words }}, ' '))
{%- endmacro %}
