{# A comparison in DuckDB: what had to be judged is a table, `judged_<target>`; the model is a view of it and of
   the unchanged rows, which are read from the target model. To write those, almost all of them the same as
   yesterday, would take longer than to compare them. On another engine, or as `table`, the model is one table. #}
{% materialization compare, adapter="duckdb", supported_languages=['sql'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set name = model.name | replace('compare_', '', 1) -%}
    {%- set judged = this.incorporate(type='table', path={'identifier': 'judged_' ~ name}) -%}
    {%- set meta = node_named('changes_' ~ name).config.meta -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        {%- if existing is not none %}
            drop {{ existing.type }} if exists {{ existing }} cascade;
        {%- endif %}
        drop table if exists {{ judged }};
        {{ create_table_as(False, judged, 'select * from (' ~ compiled_code ~ ') as compared where not is_unchanged') }};
        create view {{ target_relation }} as
        select * from {{ judged }}
        union all
        {{ unchanged_rows(meta.flow, meta.writes, _desired_relation(name), judged) }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro _desired_relation(name) -%}
    {{ return(node_named('target_' ~ name).relation_name) }}
{%- endmacro %}
