{# Pairs are compared only where something is the same: a block is the records that share it. Names are
   looked up by each of their words, alone and with a place, so that a typing error costs one of them. #}

{# What makes a block: SQL over a record, and over `word` and
   `other_word` of its name. #}
{% macro match_block_parts() -%}
    {{ return({
        'whole': [
            ['number'], ['email'], ['domain'], ['phone'], ['tax_number'], ['name'],
            ['street', 'postal_code'], ['street', 'town'], ["replace(plain_name, ' ', '')"],
            ['substring(plain_name, 1, 8)'],
        ],
        'words': [
            ['word'], ['word', 'figures'], ['word', 'postal_code'], ['word', 'town'], ['word', 'domain'], ['word', 'parent_name'],
            ['substring(word, 1, 3)', 'postal_code'], ['substring(word, 1, 3)', 'town'],
        ],
        'two_words': [['word', 'other_word']],
    }) }}
{%- endmacro %}

{# The blocks of `records` as numbers, one row each. A part that is missing makes no block. #}
{% macro match_blocks(records, parts) -%}
    {{ return(adapter.dispatch('match_blocks', 'prospect_to_cash')(records, parts)) }}
{%- endmacro %}

{% macro default__match_blocks(records, parts) -%}
    select
        record_no,
        side,
        unnest([
            {%- for names in parts %}
            case when {{ names | join(' || ') }} is not null
                then hash({{ loop.index }}, entity, data_area_id, {{ names | join(', ') }}) end
            {{- ',' if not loop.last }}
            {%- endfor %}
        ]) as block
    from {{ records }}
{%- endmacro %}
