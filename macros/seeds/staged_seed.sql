{# Seeds as people leave them, made into rows that the models can trust. What a column may hold is
   declared once, in `seeds/_seeds.yml`: `kind`, `required`, `one_of`, `default`, and the seed's `key`. #}

{# Columns of a seed as [{name, kind, required, one_of, default}], and its key, from the graph. #}
{% macro seed_declared(seed) -%}
    {%- set found = {'key': [], 'columns': []} -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'seed' and node.name == seed -%}
        {%- do found.update({'key': node.config.meta.key}) -%}
        {%- for column in node.columns.values() -%}
            {%- set meta = column.config.meta -%}
            {%- do found.columns.append({
                'name': column.name,
                'kind': meta.get('kind', 'text'),
                'required': meta.get('required', false),
                'one_of': meta.get('one_of', []),
                'default': meta.get('default', ''),
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# A cell as the models read it; null when it is blank or not of its kind. What is no id stays as it is:
   it says which record a person meant, and matches none. #}
{% macro seed_value(column) -%}
    {%- set text = clean_text(column.name) -%}
    {%- if column.default -%}
        {%- set text = "coalesce(" ~ text ~ ", '" ~ column.default ~ "')" -%}
    {%- endif -%}
    {%- if column.one_of -%}
        case when lower({{ text }}) in ({{ "'" ~ column.one_of | join("', '") ~ "'" }}) then lower({{ text }}) end
    {%- elif column.kind == 'lower' -%}
        lower({{ text }})
    {%- elif column.kind == 'upper' -%}
        upper({{ text }})
    {%- elif column.kind == 'id' -%}
        coalesce(
            nullif(regexp_extract(lower({{ text }}), '^\{?([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$', 1), ''),
            {{ text }}
        )
    {%- elif column.kind in ('option', 'number') -%}
        case when regexp_full_match({{ text }}, '-?[0-9]{1,9}') then cast({{ text }} as integer) end
    {%- elif column.kind == 'boolean' -%}
        case
            when lower({{ text }}) in ('true', 't', 'yes', 'y', '1') then true
            when lower({{ text }}) in ('false', 'f', 'no', 'n', '0') then false
        end
    {%- else -%}
        {{ text }}
    {%- endif -%}
{%- endmacro %}

{# All rows of a seed with their place in the file (1 is the first below the header). A file may lack a column
   that has a default, as one of an earlier version does. #}
{% macro read_seed(relation, declared) -%}
    select
        seed_row
        {%- for column in declared.columns %},
        {{ seed_value(column) }} as {{ column.name }}
        {%- endfor %}
    from (
        select *, row_number() over () as seed_row from {{ relation }}
        {%- for column in declared.columns if column.default %}
        union all by name
        select cast(null as varchar) as {{ column.name }} where false
        {%- endfor %}
    ) as seed
{%- endmacro %}

{# The rows to go by: those without a required value are left out, and of rows with one key (case does
   not matter) the first in the file counts. `quality.seed_problems` names the others. #}
{% macro staged_seed(seed) -%}
{%- set relation = ref(seed) -%}
{%- if execute -%}
{%- set declared = seed_declared(seed) -%}
select * exclude (choice)
from (
    select
        *,
        row_number() over (
            partition by {% for name in declared.key %}lower(cast({{ name }} as varchar)){{ ', ' if not loop.last }}{% endfor %}
            order by seed_row
        ) as choice
    from ({{ read_seed(relation, declared) }}) as read
    where true
        {%- for column in declared.columns if column.required %}
        and {{ column.name }} is not null
        {%- endfor %}
) as ranked
where choice = 1
{%- endif -%}
{%- endmacro %}
