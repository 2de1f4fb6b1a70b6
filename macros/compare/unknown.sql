{# Columns that were mapped after a record was agreed: nothing is known of what they held then. #}

{# A memory that was made before a column was mapped knows nothing of it, and all of the others: the
   column's first difference is a change and no conflict. One that is mapped no more is forgotten. #}
{% macro learn_columns(agreed, columns) -%}
    {%- set there = run_query(
        "select column_name from information_schema.columns where table_schema = 'ledger'"
        ~ " and table_name = '" ~ agreed.split('.')[1] ~ "'").columns[0].values() -%}
    {%- set names = columns | map(attribute='name') | list -%}
    {%- for column in columns if there and column.name not in there %}
alter table {{ agreed }} add column if not exists "{{ column.name }}" {{ column.type }};
update {{ agreed }} set p2c_pair_hash = null, p2c_unknown =
    '[' || concat_ws(',', nullif(trim(p2c_unknown, '[]'), ''), '"{{ column.name }}"') || ']';
    {%- endfor %}
    {%- for name in there if name not in names and name not in ('record_key', 'agreed_at')
        and not name.startswith('p2c_') %}
alter table {{ agreed }} drop column "{{ name }}";
    {%- endfor %}
{%- endmacro %}

{# Whether the memory of a record was made before this column was mapped. #}
{% macro is_unknown(column, memory='agreed') -%}
    coalesce({{ memory }}.p2c_unknown like '%"{{ column.name }}"%', false)
{%- endmacro %}

{# What an update left unsaid stays unknown, unless the ledger has what it held; a create says all. #}
{% macro _still_unknown(columns) -%}
    {%- set items = [] -%}
    {%- for column in columns -%}
        {%- do items.append(
            'case when not coalesce(' ~ json_has('written.after', column.name) ~ ', false) and case'
            ~ ' when written.held is null then ' ~ is_unknown(column)
            ~ ' else not ' ~ json_has('written.held', column.name) ~ ' end'
            ~ " then '\"" ~ column.name ~ "\"' end") -%}
    {%- endfor -%}
    {{ return(items) }}
{%- endmacro %}
